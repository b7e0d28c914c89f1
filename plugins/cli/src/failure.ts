import {readFileSync} from 'node:fs';
import {ForgeError, reasonOf} from '@forgeone/core';
import {errors} from './errors.ts';
import {plain, tame} from './text.ts';

/** What oclif throws for a command line that it can not read. */
interface ParseError extends Error {
	readonly args?: readonly (string | {readonly name: string})[];
	readonly flags?: readonly string[];
	readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, {char?: string}>>}};
}

/** Whether oclif has thrown it to end the program. */
export const isExit = (error: unknown): boolean => (error as {code?: string}).code === 'EEXIT';

/** How oclif says that there is no such command. */
export const unknownCommand = /^command (.+) not found\.?$/is;

interface Command {
	readonly aliases: readonly string[];
	readonly hidden?: boolean;
}

function commandIds(): string[] {
	const {commands} = JSON.parse(readFileSync(new URL('./oclif.manifest.json', import.meta.url), 'utf8')) as {
		commands: Record<string, Command>;
	};
	return Object.entries(commands).flatMap(([id, {aliases, hidden}]) =>
		hidden ? [] : [id, ...aliases].map(one => one.replaceAll(':', ' ')),
	);
}

/** The command that a command line begins with, of one word or of two. */
function commandOf(argv: readonly string[]): string {
	const [first = '', second = ''] = argv.filter(word => !word.startsWith('-'));
	return commandIds().find(id => id === `${first} ${second}`) ?? first;
}

const meant = (like: string | undefined, otherwise: string) => (like === undefined ? otherwise : `did you mean "${like}"? ${otherwise}`);

/** What is wrong with a command line, in our words. */
function reasonOfUsage({args, message}: ParseError): string {
	const missing = (args ?? []).flatMap(arg => (typeof arg === 'string' ? [] : [`"${arg.name}"`]));
	if (missing.length > 0) return `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
	const told = message
		.replace(/\n\n?(Note|See more).*$/s, '')
		.replace(/^The following errors? occurred:\s*/, '')
		.replace(/^Parsing (--\S+)\s*Expected/, '$1: expected')
		.replace(/\s*\n\s*/g, ' ');
	return plain(told.charAt(0).toLowerCase() + told.slice(1));
}

/** Whatever was thrown, as an error with a code: oclif's complaints about the command line become FORGE_USAGE. There may be `more` commands than ours. */
export async function asForgeError(error: ParseError, argv: readonly string[], more: readonly string[] = []): Promise<ForgeError> {
	if (error instanceof ForgeError) return error;
	const {similar} = await import('@forgeone/sdk/client');
	const [, unknown] = unknownCommand.exec(error.message) ?? [];
	if (unknown !== undefined) {
		const [first = '', ...rest] = unknown.split(/[: ]/);
		const ids = [...commandIds(), ...more];
		if (ids.includes(first)) return errors.FORGE_USAGE({reason: `unexpected argument: ${rest.join(' ')}`, command: first}, {cause: error});
		const topic = ids.some(id => id.startsWith(`${first} `)) ? `${first} ` : '';
		const command = topic + (topic ? (rest[0] ?? '') : first);
		const like = similar(
			command.slice(topic.length),
			ids.flatMap(id => (id.startsWith(topic) && id.includes(' ') === (topic !== '') ? [id.slice(topic.length)] : [])),
		);
		const nearest = like === undefined ? undefined : topic + like;
		return errors.FORGE_USAGE_COMMAND({command, remedy: meant(nearest, 'forge --help lists them all')}, {cause: error});
	}
	const command = commandOf(argv);
	const [flag] = error.flags ?? [];
	if (flag !== undefined) {
		const like = similar(
			flag,
			Object.keys(error.parse?.input?.flags ?? {}).map(name => `--${name}`),
		);
		const remedy = meant(like, command === 'run' ? 'what is for the guest goes after --' : `see forge ${command} --help`);
		return errors.FORGE_USAGE_FLAG({flag, remedy}, {cause: error});
	}
	if (error.parse === undefined && !error.message.startsWith('Parsing --'))
		return errors.FORGE_CLI_FAILED({reason: reasonOf(error)}, {cause: error});
	return errors.FORGE_USAGE({reason: reasonOfUsage(error), command}, {cause: error});
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
