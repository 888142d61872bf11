/** A value without parts, as libvirt's dissector for Wireshark has named and shown it. */
export interface Leaf {
  readonly name: string;
  /** `undefined`: the value is absent. */
  readonly shown: string | undefined;
}

/** What the dissector made of one packet. */
export interface Dissected {
  /** As `DOMAIN_GET_INFO (16)`. */
  readonly procedure: string;
  readonly leaves: readonly Leaf[];
  /** What it could not read. */
  readonly unknown: readonly string[];
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** The fields of the header, whose values every packet has. */
const header = new Set(['length', 'program', 'version', 'procedure', 'type', 'serial', 'status']);

/** Reads the PDML of tshark. */
export function dissectedLeaves(pdml: string): Dissected[] {
  return pdml.split('<packet>').slice(1).map(dissected);
}

function dissected(packet: string): Dissected {
  const body = /<proto name="libvirt"[^]*?<\/proto>/.exec(packet)?.[0] ?? '';
  const procedure = /showname="procedure: ([^"]*)"/.exec(body)?.[1] ?? 'not dissected';
  const leaves: Leaf[] = [];
  const unknown = [...body.matchAll(/showname="([^"]*unknown[^"]*)"/g)].map(([, text]) => text ?? '');
  if (packet.includes('name="_ws.malformed"')) unknown.push('malformed');
  for (const [, names = '', showname = '', shown = ''] of body.matchAll(
    /<field name="libvirt\.([^"]*)" showname="([^"]*)"[^>]* show="([^"]*)"[^>]*\/>/g,
  )) {
    const name = names.split('.').at(-1) ?? '';
    // With `::` it is a list or a struct that is empty.
    if (header.has(names) || showname.includes(' :: ')) continue;
    leaves.push({ name, shown: showname.endsWith(': (null)') ? undefined : unescaped(shown) });
  }
  return { procedure, leaves, unknown };
}

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
