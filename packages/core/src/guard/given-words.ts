/** More than any call's arguments hold; what is beyond is not looked at. */
const VALUES_MAX = 2_000;

/** How errors print a value that is no text, or none that may be shown. */
const printedWords =
  /^(?:missing|undefined|null|true|false|empty|given|one more|a (?:list|symbol|bigint|function)|an object|a value that has no JSON|a text of \d{1,15} characters|-?\d{1,20}(?:\.\d{1,20})?|NaN|-?Infinity)$/;

/** Names of parameters and fields that an error may point at without their having been given. */
const fieldNames: readonly string[] = [
  'uuid',
  'id',
  'name',
  'flavor',
  'vcpus',
  'memoryMib',
  'rootDiskGib',
  'image',
  'location',
  'disk',
  'kernel',
  'ramdisk',
  'properties',
  'networkInterfaces',
  'blockDevices',
  'macAddress',
  'mtuBytes',
  'bridge',
  'network',
  'networkId',
  'request',
  'requests',
  'volumeId',
  'snapshotId',
  'imageId',
  'instanceUuid',
  'sizeMib',
  'host',
];

/** What the caller of a method knows already: every text in its arguments, and the names of their fields. */
export class GivenWords {
  readonly #texts = new Set<string>();
  readonly #names = new Set<string>(fieldNames);

  constructor(args: readonly unknown[]) {
    const queue: unknown[] = [...args];
    for (let seen = 0; queue.length > 0 && seen < VALUES_MAX; seen++) {
      const value = queue.shift();
      if (typeof value === 'string') this.#texts.add(value);
      else if (typeof value === 'object' && value !== null && !(value instanceof AbortSignal)) this.#look(value, queue);
    }
  }

  /** Whether a text was given as it is. */
  has(text: string): boolean {
    return this.#texts.has(text);
  }

  /** Whether a value is printed that was given, or one that says nothing. */
  hasPrinted(text: string): boolean {
    return printedWords.test(text) || this.has(text) || this.has(unquoted(text)) || this.#hasCut(text);
  }

  /** Whether each part of a path, such as `requests[0].macAddress`, is the name of a field. */
  hasPath(text: string): boolean {
    if (this.has(text)) return true;
    const parts = text.replace(/\[\d{1,6}\]/g, '').split('.');
    return text.length <= 255 && parts.every((part) => this.#names.has(part));
  }

  #look(value: object, queue: unknown[]): void {
    const entries = Object.entries(value).slice(0, VALUES_MAX);
    for (const [name, inner] of entries) {
      if (!Array.isArray(value)) this.#names.add(name);
      queue.push(inner);
    }
  }

  #hasCut(text: string): boolean {
    if (!text.startsWith('"') || !text.endsWith('…')) return false;
    const start = unquoted(`${text.slice(0, -1)}"`);
    return start.length > 16 && [...this.#texts].some((given) => given.startsWith(start));
  }
}

/** A text as errors print it, between quotes. */
function unquoted(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'string' ? parsed : text;
  } catch {
    return text;
  }
}
