/** What of this process decides where libvirt looks for sockets and certificates. Default: what is true of it. */
export interface LocalUser {
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly home?: string;
}

export function isRoot({ uid = process.getuid?.() }: LocalUser): boolean {
  return uid === 0;
}
