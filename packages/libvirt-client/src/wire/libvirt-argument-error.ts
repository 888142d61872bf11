/**
 * An argument does not fit what libvirt's protocol can carry. The caller's code is wrong; nothing was sent.
 *
 * `path` leads from the procedure to the field, as in `domainDefineXMLFlags.xml`.
 */
export class LibvirtArgumentError extends TypeError {
  override readonly name = 'LibvirtArgumentError';
  readonly path: string;
  readonly problem: string;

  constructor(problem: string, path = '') {
    super(path === '' ? problem : `${path}: ${problem}`);
    this.path = path;
    this.problem = problem;
  }

  /** The same error, seen from one level further out. Errors of other kinds come back untouched. */
  static within(outer: string, error: unknown): unknown {
    if (!(error instanceof LibvirtArgumentError)) return error;
    const dot = error.path === '' || error.path.startsWith('[') ? '' : '.';
    return new LibvirtArgumentError(error.problem, `${outer}${dot}${error.path}`);
  }
}

/** How a refused value is shown: its kind and a little of it, never megabytes of XML. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
