import {BYTES, COUNT, isToken, isValue} from './syntax.ts';

/** Names and values in turn. A value is Latin-1 text, one character for each byte. */
export type RawFields = readonly string[];

/** The head of a request, as it is said over a call; JSON. */
export interface RequestHead {
	readonly method: string;
	/** Path and query. */
	readonly path: string;
	readonly scheme: string;
	readonly authority: string;
	readonly headers: RawFields;
}

/** The head of a response, as it is said back. */
export interface ResponseHead {
	readonly status: number;
	readonly headers: RawFields;
	/** Informational responses (RFC 9110, 15.2) that went before it. */
	readonly early?: readonly {readonly status: number; readonly headers: RawFields}[];
}

const paired = (fields: unknown): fields is RawFields =>
	Array.isArray(fields) && fields.length % 2 === 0 && fields.every(each => typeof each === 'string');

/** Whether what a cell said is such a head: cells are not believed. */
export function formed({status, headers}: Partial<ResponseHead>): boolean {
	return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599 && paired(headers);
}

/** Whether they are fields that another guest can hold, or a server be sent. */
export function fit(fields: unknown): fields is RawFields {
	if (!paired(fields) || fields.length > 2 * COUNT || fields.reduce((sum, {length}) => sum + length, 0) > BYTES) return false;
	return fields.every((text, i) => (i % 2 === 0 ? isToken(text) : isValue(text)));
}

/** Fields by name and value. */
export const pairsOf = (fields: RawFields): [string, string][] =>
	Array.from({length: fields.length / 2}, (_, i) => [fields[2 * i] as string, fields[2 * i + 1] as string]);

/** Fields that concern a connection, not what it carries (RFC 9110, 7.6.1). */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Fields that may not come after a body, for they say how it is to be read (RFC 9110, 6.5.1). */
const framing = new Set([...hopByHop, 'content-encoding', 'content-length', 'content-range', 'content-type', 'host', 'set-cookie']);

/** The fields but for those whose names, in lower case, are dropped. */
export function without(fields: RawFields, dropped: (name: string) => boolean): string[] {
	const kept: string[] = [];
	for (let i = 0; i + 1 < fields.length; i += 2) {
		const name = fields[i] as string;
		if (!dropped(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
	}
	return kept;
}

/** The trailers that a text says with which a cell ended a call, but for those that may not be any. Throws where it is none. */
export function trailersIn(text: string): RawFields {
	const fields: unknown = JSON.parse(text);
	if (!paired(fields)) throw new TypeError('a cell ended with trailers that are none');
	return without(fields, name => framing.has(name));
}

/** The value of the first field of this name. */
export function fieldOf(fields: RawFields, name: string): string | undefined {
	for (let i = 0; i + 1 < fields.length; i += 2) {
		const field = fields[i] as string;
		if (field.length === name.length && field.toLowerCase() === name) return fields[i + 1];
	}
	return undefined;
}

/** What fields of a connection name as the connection's too. */
function namedBy(fields: RawFields): ReadonlySet<string> {
	const values = fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === 'connection');
	return new Set(values.flatMap(value => value.toLowerCase().split(',')).map(name => name.trim()));
}

/** The fields that go on to the next hop: none that are the connection's, nor those that it names. */
export function endToEnd(fields: RawFields): string[] {
	const named = fieldOf(fields, 'connection') === undefined ? undefined : namedBy(fields);
	return without(fields, name => hopByHop.has(name) || named?.has(name) === true);
}

/** The fields that may be trailers, as the text that ends a call; undefined where there are none. */
export function trailerText(fields: RawFields): string | undefined {
	const kept = without(fields, name => framing.has(name));
	return kept.length > 0 ? JSON.stringify(kept) : undefined;
}
