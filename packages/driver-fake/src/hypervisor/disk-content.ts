/**
 * What is on a disk, without a byte of it: enough to prove that a disk is fresh, that a copy is one, and of which moment a
 * snapshot is. Contents are equal when their disks are.
 */
export interface DiskContent {
  /** What it was made from: an image's id, or a volume's path. */
  readonly origin: string;
  /** Which making it is from: no two have the same number. */
  readonly generation: number;
  /** What guests have written since, in order. */
  readonly written: readonly string[];
}

const nothing: readonly string[] = [];

/** As it was made. */
export function newContent(origin: string, generation: number): DiskContent {
  return { origin, generation, written: nothing };
}

/** The content after one more write. */
export function contentWith(content: DiskContent, mark: string): DiskContent {
  return { ...content, written: [...content.written, mark] };
}
