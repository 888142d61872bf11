import Builder from 'fast-xml-builder';

/** An element: `@name` is an attribute, `#` the text, every other name a child; a list repeats the child. */
export interface XmlElement {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

type XmlContent = string | number | XmlElement;

const builder = new Builder({
  attributeNamePrefix: '@',
  textNodeName: '#',
  ignoreAttributes: false,
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  processEntities: true,
  format: true,
  indentBy: '  ',
});

/** The XML text of a document, every value escaped. What is `undefined` is left out. */
export function renderXml(document: XmlElement): string {
  return builder.build(storable(document));
}

/**
 * XML 1.0 has no way to write most control characters and lone surrogates, not even escaped: libvirt would refuse the
 * whole document because of one in a name.
 */
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function storable(value: XmlElement): XmlElement {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, content]) =>
      content === undefined ? [] : [[name, storableContent(content)]],
    ),
  );
}

function storableContent(content: XmlContent | readonly XmlContent[]): XmlContent | readonly XmlContent[] {
  if (typeof content === 'string') return content.replace(unwritable, '\u{FFFD}');
  if (typeof content === 'number') return content;
  if (isList(content)) return content.map((each) => storableContent(each) as XmlContent);
  return storable(content);
}

function isList(content: XmlContent | readonly XmlContent[]): content is readonly XmlContent[] {
  return Array.isArray(content);
}
