/** The name of one guest. Two guests can have had one uuid, so it names the generation as well. An `InstanceSpec` is a name too. */
export interface GuestName {
  /** The uuid of its instance. RFC 4122, lower case. */
  readonly uuid: string;
  /** `null` or left out: a guest that was made before there were generations. */
  readonly generation?: string | null;
}
