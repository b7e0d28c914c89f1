import {isDeepStrictEqual} from 'node:util';
import {Document, isCollection, isMap, isPair, isScalar, type Node, type Pair, type Range, type YAMLMap} from 'yaml';
import {documentOf} from './yaml.ts';

type Part = Node & {readonly range: Range};
type Entry = Pair<Part, Part | null>;
type Entries = YAMLMap<Part, Part | null> & {readonly range: Range};

const splice = (text: string, from: number, to: number, by: string) => text.slice(0, from) + by + text.slice(to);
const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;
const lineEnd = (text: string, at: number) => at + (/\r?\n|$/.exec(text.slice(at))?.index ?? 0);
const nextLine = (text: string, at: number) => at + (/\n|$/.exec(text.slice(at))?.index ?? 0) + 1;
const indentOf = (text: string, {key}: Entry) => text.slice(lineStart(text, key.range[0]), key.range[0]);

const find = (map: Entries, key: string) =>
	map.items.find(entry => isScalar(entry.key) && String(entry.key.value) === key) as Entry | undefined;

/** Where an entry ends: with its deepest last part, before the comment that may follow on that line. */
function endOf({key, value}: Entry, text: string): number {
	const last = isCollection(value) && !value.flow ? value.items.at(-1) : undefined;
	if (isPair(last)) return endOf(last as Entry, text);
	const [, end] = ((last ?? value ?? key) as Part).range;
	return text[end - 1] === '\n' ? lineEnd(text, end - 2) : end;
}

/** Whether an entry has its lines for itself, but for a comma and a comment. */
function alone(entry: Entry, text: string): boolean {
	const end = endOf(entry, text);
	return /^\s*$/.test(indentOf(text, entry)) && /^\s*,?\s*(#.*)?$/.test(text.slice(end, lineEnd(text, end)));
}

/** Writes a value in one line, as the file would have it. */
type Show = (value: unknown) => string;

const showing =
	(json: boolean): Show =>
	value => {
		const quoted = json ? ({defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE'} as const) : {};
		return new Document(value).toString({collectionStyle: 'flow', lineWidth: 0, ...quoted}).trim();
	};

/** The text with one more entry at the end of a map: on a line of its own where the last one has one. */
function append(map: Entries, entry: string, text: string): string {
	const last = map.items.at(-1) as Entry | undefined;
	if (!last) return splice(text, map.range[0] + 1, map.range[1] - 1, entry);
	const end = endOf(last, text);
	const line = lineEnd(text, end);
	const rest = text.slice(end, line);
	const own = (text.includes('\r\n') ? '\r\n' : '\n') + indentOf(text, last) + entry;
	if (!map.flow) return splice(text, line, line, own);
	if (!alone(last, text)) return splice(text, end, end, `, ${entry}`);
	return splice(text, end, line, `${rest.trimStart().startsWith(',') ? '' : ','}${rest}${own}`);
}

/** The text with an entry at a path of which a part may be missing. */
function put(map: Entries, [key = '', ...path]: readonly string[], value: unknown, text: string, show: Show): string {
	const there = find(map, key)?.value;
	if (isMap(there)) return put(there as Entries, path, value, text, show);
	const nested = path.reduceRight((inner: unknown, part) => ({[part]: inner}), value);
	const below = map.flow || path.length === 0 ? ` ${show(nested)}` : `\n  ${show(nested).slice(2, -2)}`;
	return append(map, `${show(key)}:${below}`, text);
}

/** The text without the entry at a path. The last one of a map leaves an empty map, and the comments where they were. */
function take(map: Entries, [key = '', ...path]: readonly string[], text: string, owner?: Entry): string {
	const entry = find(map, key) as Entry;
	if (path.length > 0) return take(entry.value as Entries, path, text, entry);
	const {items, flow, range} = map;
	const at = items.indexOf(entry);
	const [before, after] = [items[at - 1] as Entry | undefined, items[at + 1] as Entry | undefined];
	const [start, end] = [entry.key.range[0], endOf(entry, text)];
	const without = splice(text, lineStart(text, start), nextLine(text, end), '');
	if (flow && !after && before) {
		const from = endOf(before, text);
		return splice(text, from, end, text.slice(from, start).replace(',', '').trimEnd());
	}
	if (flow && alone(entry, text)) return without;
	if (flow) return after ? splice(text, start, after.key.range[0], '') : splice(text, range[0] + 1, range[1] - 1, '');
	const colon = text.indexOf(':', owner?.key.range[1]) + 1;
	return items.length === 1 ? splice(without, colon, colon, ' {}') : without;
}

/** The way of the library, which keeps comments and lays out the rest anew. */
function anew(text: string, path: readonly string[], value: unknown, json: boolean): string {
	const document = documentOf(text);
	if (value === undefined) document.deleteIn(path);
	else document.setIn(path, document.createNode(value));
	if (!json) return document.toString({lineWidth: 0});
	return `${JSON.stringify(document.toJS(), undefined, /^([ \t]+)"/m.exec(text)?.[1] ?? '\t')}\n`;
}

/** What is in an object at a path, changed. */
function changed(object: unknown, [key = '', ...path]: readonly string[], value: unknown): unknown {
	const {[key]: part, ...others} = Object(object) as Record<string, unknown>;
	if (path.length > 0) return {...others, [key]: changed(part, path, value)};
	return value === undefined ? others : {...others, [key]: value};
}

/**
 * The text of a configuration, YAML or JSON, with a value at a path, or without what is there. All else stays as it is, comments and layout too;
 * where the text is of a kind for which that can not be done, only the comments stay. Throws for a text that does not parse.
 */
export function edited(text: string, path: readonly string[], value: unknown, json: boolean): string {
	const read = (text: string): unknown => (json ? JSON.parse(text) : documentOf(text).toJS());
	const wanted = structuredClone(changed(read(text), path, value));
	const {contents} = documentOf(text);
	const show = showing(json);
	const begun = text === '' || text.endsWith('\n') ? text : `${text}\n`;
	try {
		const map = contents as unknown as Entries;
		if (!isMap(contents)) return `${begun}${path[0]}:\n  ${show(changed({}, path.slice(1), value)).slice(2, -2)}\n`;
		const made = value === undefined ? take(map, path, text) : put(map, path, value, text, show);
		if (isDeepStrictEqual(read(made), wanted)) return made;
	} catch {
		// It can not be done in place.
	}
	return anew(text, path, value, json);
}
