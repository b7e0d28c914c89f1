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
	noEmit: false,
	noEmitOnError: true,
	emitDeclarationOnly: false,
	declaration: true,
	composite: false,
	incremental: false,
	rewriteRelativeImportExtensions: true,
	outDir: '.',
	declarationDir: null,
	tsBuildInfoFile: null,
};

/** The first of the compiler's complaints; all of them are its cause. */
function refusal(folder: string, text: string): Error {
	const complaints = text.split('\n').filter(line => /error TS\d+/.test(line));
	const cause = new Error(text.trim());
	const [, place, line, column, code, message] = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)/.exec(complaints[0] ?? '') ?? [];
	const more = complaints.length > 1 ? `, and ${complaints.length - 1} more` : '';
	if (place === undefined) return errors.FORGE_BUILD_FAILED({folder, reason: message ?? text.trim()}, {cause});
	return errors.FORGE_BUILD_COMPILE({file: place, line: line ?? '', column: column ?? '', reason: `${message} (${code})${more}`}, {cause});
}

/**
 * Compiles a plugin in TypeScript, with its declarations, by the project's own `tsconfig.json` where it has one. Gives its modules, the one that it
 * begins with among them. Throws FORGE_BUILD_COMPILE at the first error of types.
 */
export async function compileTypeScript({project: {folder, entry, file}, signal}: Making): Promise<string[]> {
	const target = dirname(file);
	const own = existsSync(join(folder, 'tsconfig.json'));
	const config = {
		...(own ? {extends: '../tsconfig.json'} : {}),
		compilerOptions: {...(own ? {} : usual), ...decided, rootDir: relative(target, dirname(entry))},
		files: [relative(target, entry)],
		include: [],
		references: [],
	};
	await mkdir(target, {recursive: true});
	const made = join(target, '.tsconfig.json');
	await writeFile(made, JSON.stringify(config));
	try {
		const args = ['--project', made, '--pretty', 'false', '--listEmittedFiles'];
		const {ok, out, said} = await run(await programOf('typescript', 'bin/tsc'), args, folder, signal);
		if (!ok) throw refusal(folder, out || said);
		return [...out.matchAll(/^TSFILE: (.+js)$/gm)].map(([, path = '']) => path).sort();
	} finally {
		await rm(made, {force: true});
	}
}
