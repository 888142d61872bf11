import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false });
const mark = z.object({ instance: z.object({ generation: z.string().min(1) }) });

/** The generation in a domain's metadata element, as libvirt gives it back. `null`: the guest was made before there were generations. */
export function generationInMetadata(xml: string): string | null {
  const parsed = mark.safeParse(parser.parse(xml));
  return parsed.success ? parsed.data.instance.generation : null;
}
