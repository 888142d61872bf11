/** One step from one schema to the next. Never changed once it was released: files that took it remember its checksum. */
export interface SchemaStep {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}
