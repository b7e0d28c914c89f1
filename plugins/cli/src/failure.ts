import {readFileSync} from 'node:fs';
import {ForgeError, reasonOf} from '@forgeone/core';
import {errors} from './errors.ts';
import {plain, tame} from './text.ts';

/** What oclif throws for a command line that it can not read. */
interface ParseError extends Error {
	readonly flags?: readonly string[];
	readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, {char?: string}>>}};
}

/** Whether oclif has thrown it to end the program. */
export const isExit = (error: unknown): boolean => (error as {code?: string}).code === 'EEXIT';

/** How oclif says that there is no such command. */
export const unknownCommand = /^command (.+) not found\.?$/is;

function commandIds(): string[] {
	const {commands} = JSON.parse(readFileSync(new URL('./oclif.manifest.json', import.meta.url), 'utf8')) as {
		commands: Record<string, {hidden?: boolean}>;
	};
	return Object.entries(commands).flatMap(([id, {hidden}]) => (hidden ? [] : [id.replaceAll(':', ' ')]));
}

/** Whatever was thrown, as an error with a code: oclif's complaints about the command line become FORGE_USAGE. There may be `more` commands than ours. */
export async function asForgeError(error: ParseError, argv: readonly string[], more: readonly string[] = []): Promise<ForgeError> {
	if (error instanceof ForgeError) return error;
	const {nearest} = await import('@forgeone/sdk/client');
	const [, command] = unknownCommand.exec(error.message) ?? [];
	if (command !== undefined) {
		const [first = '', ...rest] = command.split(/[: ]/);
		const ids = [...commandIds(), ...more];
		if (ids.includes(first)) return errors.FORGE_USAGE({reason: `unexpected argument: ${rest.join(' ')}`, command: first}, {cause: error});
		const topic = ids.some(id => id.startsWith(`${first} `));
		const wanted = topic ? `${first} ${rest[0]}` : first;
		const known = ids.filter(id => id.includes(' ') === topic);
		return errors.FORGE_USAGE_COMMAND({command: wanted, nearest: nearest(wanted, known) ?? ''}, {cause: error});
	}
	const [flag] = error.flags ?? [];
	if (flag !== undefined) {
		const flags = Object.keys(error.parse?.input?.flags ?? {});
		return errors.FORGE_USAGE_FLAG({flag, nearest: `--${nearest(flag.replace(/^-+/, ''), flags)}`}, {cause: error});
	}
	if (error.parse === undefined && !error.message.startsWith('Parsing --'))
		return errors.FORGE_CLI_FAILED({reason: reasonOf(error)}, {cause: error});
	const reason = plain(error.message.replace(/\n\n?(Note|See more).*$/s, '').replace(/\s*\n\s*/g, ' '));
	return errors.FORGE_USAGE(
		{reason: reason.charAt(0).toLowerCase() + reason.slice(1), command: argv.find(word => !word.startsWith('-')) ?? ''},
		{cause: error},
	);
}

/** 2 for a command line that is wrong; for `run` 126 where policy refused, 127 for what is no component, else 125; for others 1. */
export function exitCodeOf({code, kind}: ForgeError, command: string | undefined): number {
	if (/^FORGE_USAGE|^FORGE_CONFIG_VALUE$/.test(code)) return 2;
	if (command !== 'run') return 1;
	if (kind === 'refused') return 126;
	return /^FORGE_(IMAGE|COMPONENT)_/.test(code) ? 127 : 125;
}

function causes(error: unknown): string[] {
	if (!(error instanceof Error)) return [];
	return [`  because: ${plain(error.stack ?? error.message)}`, ...causes(error.cause)];
}

/** One line for people, or one object for programs; with `verbose`, the chain of causes after it. */
export function describe(error: ForgeError, {json, verbose}: {readonly json: boolean; readonly verbose: boolean}): string {
	const {code, message, remedy} = error;
	if (json) return tame(JSON.stringify({error: {code, message, remedy}}));
	const line = plain(`forge: ${message} (${code}): ${remedy}`);
	return verbose ? [line, ...causes(error)].join('\n') : line;
}
