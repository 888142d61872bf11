/** What of a host something takes. */
export interface Footprint {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly diskGib: number;
}
