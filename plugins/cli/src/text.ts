import {stringify} from '@forgeone/sdk/client';
import {parseDuration} from '@forgeone/sdk/config';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text that a terminal takes for text: control characters but tab and line feed are written out. */
export function plain(text: string): string {
	return text.replace(controls, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Rows below a heading, each column as wide as its widest cell. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
	const all = [heading, ...rows].map(row => row.map(cell => plain(cell).replace(/[\t\n]/g, ' ')));
	const widths = heading.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
	return all
		.map(row =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/** `storage/store` of `forgeone:storage/store@0.1.0`: names of others keep their namespace. */
export const shortContract = (id: string): string => id.replace(/^forgeone:/, '').replace(/@.*$/, '');

const units = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
	['s', 1_000],
] as const;

/** `3m ago`. */
export function ago(time: bigint, now = Date.now()): string {
	const passed = Math.max(0, now - Number(time));
	const [unit, length] = units.find(([, length]) => passed >= length) ?? ['s', 1_000];
	return `${Math.floor(passed / length)}${unit} ago`;
}

/** A duration of the command line, in milliseconds: `500ms`, `1.5m`; a bare number is of seconds, as other tools have it. */
export const durationOf = (text: string): bigint => parseDuration(/^[\d.]+$/.test(text) ? `${text}s` : text);

/** A moment in milliseconds since 1970: `2026-01-31T12:00:00Z`, or as long ago as a duration says. */
export function momentOf(text: string, now = Date.now()): bigint {
	const at = Date.parse(text);
	return /^\d{4}-/.test(text) && Number.isFinite(at) ? BigInt(at) : BigInt(now) - durationOf(text);
}

/** `12.5 MiB`. */
export function bytes(count: bigint): string {
	const power = Math.min(4, Math.floor(Math.log2(Math.max(1, Number(count))) / 10));
	return `${(Number(count) / 2 ** (10 * power)).toFixed(power === 0 ? 0 : 1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

/** `64.0 MiB, 10 inodes`; a dash where there is neither. */
export function amounts(of: {readonly bytes?: bigint; readonly inodes?: bigint} = {}): string {
	const parts = [...(of.bytes === undefined ? [] : [bytes(of.bytes)]), ...(of.inodes === undefined ? [] : [`${of.inodes} inodes`])];
	return parts.join(', ') || '-';
}

/** JSON that says the same, and that a terminal takes for text: JSON itself escapes the first control characters only. */
export function tame(json: string): string {
	return json.replace(/[\u007f-\u009f]/g, char => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** A value as JSON on standard output, as a program reads it. */
export function printJson(value: unknown): void {
	console.log(tame(stringify(value, '\t')));
}
