import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {programOf} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import type {Project} from './project.ts';

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

/** Runs a program of a package; what it writes where it fails. */
function run(program: string, args: readonly string[], folder: string): Promise<string | undefined> {
	const {promise, resolve} = Promise.withResolvers<string | undefined>();
	execFile(process.execPath, [program, ...args], {cwd: folder, maxBuffer: 2 ** 26}, (error, stdout, stderr) => {
		resolve(error ? stdout + stderr || error.message : undefined);
	});
	return promise;
}

/** Compiles a plugin in TypeScript, with its declarations, by the project's own `tsconfig.json` where it has one. Throws FORGE_BUILD_COMPILE at the first error of types. */
export async function compileTypeScript({folder, entry, file}: Project): Promise<void> {
	const out = dirname(file);
	const own = existsSync(join(folder, 'tsconfig.json'));
	const config = {
		...(own ? {extends: '../tsconfig.json'} : {}),
		compilerOptions: {...(own ? {} : usual), ...decided, rootDir: relative(out, dirname(entry))},
		files: [relative(out, entry)],
		include: [],
		references: [],
	};
	await mkdir(out, {recursive: true});
	const made = join(out, '.tsconfig.json');
	await writeFile(made, JSON.stringify(config));
	try {
		const complaints = await run(await programOf('typescript', 'bin/tsc'), ['--project', made, '--pretty', 'false'], folder);
		if (complaints !== undefined) throw refusal(folder, complaints);
	} finally {
		await rm(made, {force: true});
	}
}
