import {existsSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {programOf} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import type {Making} from './making.ts';
import {run} from './run.ts';

/** For a project without a `tsconfig.json`: strict, and what Node itself can run. */
const usual = {
	target: 'es2025',
	module: 'nodenext',
	strict: true,
	verbatimModuleSyntax: true,
	erasableSyntaxOnly: true,
	skipLibCheck: true,
};

/** What a build decides, whatever the project's own configuration is for. */
const decided = {
	emitDeclarationOnly: false,
	composite: false,
	incremental: false,
	declarationDir: null,
	tsBuildInfoFile: null,
};

/** What the compiler says of a place in a program. */
export interface Complaint {
	readonly file: string;
	readonly line: string;
	readonly column: string;
	readonly reason: string;
}

type Options = Readonly<Record<string, unknown>>;

/** What is to be compiled, and to what. */
interface Compiling {
	readonly files: readonly string[];
	readonly options: Options;
	/** For a project without a `tsconfig.json`, beside the usual. */
	readonly otherwise?: Options;
	/** Where it is that the author can do something about a complaint. */
	readonly placed?: (complaint: Complaint) => Complaint;
}

/** The first of the compiler's complaints; all of them are its cause. */
function refusal(folder: string, text: string, placed: (complaint: Complaint) => Complaint): Error {
	const complaints = text.split('\n').filter(line => /error TS\d+/.test(line));
	const cause = new Error(text.trim());
	const [, file, line = '', column = '', code, message] = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)/.exec(complaints[0] ?? '') ?? [];
	const more = complaints.length > 1 ? `, and ${complaints.length - 1} more` : '';
	if (file === undefined) return errors.FORGE_BUILD_FAILED({folder, reason: message ?? text.trim()}, {cause});
	const {reason, ...place} = placed({file, line, column, reason: `${message} (${code})`});
	return errors.FORGE_BUILD_COMPILE({...place, reason: `${reason}${more}`}, {cause});
}

/**
 * Compiles these files by the project's own `tsconfig.json` where it has one, but for what a build decides, and gives what the compiler prints. Throws
 * FORGE_BUILD_COMPILE at the first error of types.
 */
export async function compile(
	{project: {folder, file}, signal}: Making,
	{files, options, otherwise, placed = complaint => complaint}: Compiling,
): Promise<string> {
	const target = dirname(file);
	const own = existsSync(join(folder, 'tsconfig.json'));
	const config = {
		...(own ? {extends: '../tsconfig.json'} : {}),
		compilerOptions: {...(own ? {} : {...usual, ...otherwise}), ...decided, ...options},
		files: files.map(path => relative(target, path)),
		include: [],
		references: [],
	};
	await mkdir(target, {recursive: true});
	const made = join(target, '.tsconfig.json');
	await writeFile(made, JSON.stringify(config));
	try {
		const args = ['--project', made, '--pretty', 'false', '--listEmittedFiles'];
		const {ok, out, said} = await run(await programOf('typescript', 'bin/tsc'), args, folder, signal);
		if (!ok) throw refusal(folder, out || said, placed);
		return out;
	} finally {
		await rm(made, {force: true});
	}
}

/** Compiles a plugin in TypeScript, with its declarations. Gives its modules, the one that it begins with among them. Throws FORGE_BUILD_COMPILE. */
export async function compileTypeScript(making: Making): Promise<string[]> {
	const {entry, file} = making.project;
	const options = {
		noEmit: false,
		noEmitOnError: true,
		declaration: true,
		rewriteRelativeImportExtensions: true,
		outDir: '.',
		rootDir: relative(dirname(file), dirname(entry)),
	};
	const out = await compile(making, {files: [entry], options});
	return [...out.matchAll(/^TSFILE: (.+js)$/gm)].map(([, path = '']) => path).sort();
}
