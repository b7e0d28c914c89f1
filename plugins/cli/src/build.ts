import {relative} from 'node:path';
import type {Built} from '@forgeone/sdk/build';
import {stringify} from '@forgeone/sdk/client';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, interruptible, json} from './command.ts';
import {asForgeError, describe} from './failure.ts';
import {createProgress} from './progress.ts';
import {bytes, plain, printJson, table} from './text.ts';

const languages = {assemblyscript: 'AssemblyScript', javascript: 'JavaScript', typescript: 'TypeScript', wat: 'WebAssembly text'};

/** A row for each name, the first with the heading. */
const list = (heading: string, names: readonly string[]) => names.map((name, index) => [index === 0 ? heading : '', name]);

/** What came of a build, as a person reads it. */
function report({file, language, engine, size, digest, imports, exports, milliseconds}: Built): string {
	const made = `${languages[language]}${engine === undefined ? '' : ` in ${engine}`}, in ${(milliseconds / 1000).toFixed(1)} s`;
	return table(
		['built', relative('', file).replace(/^\.\.\/.*/s, file)],
		[['of', made], ['size', bytes(BigInt(size))], ['digest', digest], ...list('imports', imports), ...list('exports', exports)],
	);
}

/** Tells what came of a build: the table, or one line of JSON; and a warning where it asks for more than its world says. */
export function tellBuilt(built: Built, json: boolean): void {
	console.log(json ? stringify(built) : report(built));
	if (json) return;
	const [first, ...others] = built.beyond;
	if (first === undefined) return;
	const more = others.length === 0 ? '' : ` and ${others.length} more`;
	console.error(plain(`forge: it imports what its world does not say: ${first}${more}`));
}

/** Tells why nothing came of it, where one goes on. */
export async function tellFailure(error: Error, options: {readonly json: boolean; readonly verbose: boolean}): Promise<void> {
	console.error(describe(await asForgeError(error, process.argv.slice(2)), options));
}

/** Builds what is in a folder: `forge build`, and `forge plugin build`. */
export abstract class BuildCommand extends ForgeCommand {
	static override description =
		'It is what is in the folder: assembly/index.ts is AssemblyScript, src/index.wat is WebAssembly text, src/index.js or src/index.ts beside a folder wit is a component in JavaScript, src/index.ts without one is a plugin in TypeScript. What comes of it is in the folder build.';
	static override args = {
		folder: Args.string({default: '.', ignoreStdin: true, description: 'the project; this folder where it is not given'}),
	};
	static override flags = {
		engine: Flags.option({options: ['starlingmonkey', 'quickjs'] as const, description: 'The engine of a component in JavaScript'})(),
		watch: Flags.boolean({char: 'w', description: 'Build again whenever something changes, until Ctrl-C'}),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(BuildCommand);
		const {buildProject, watchProject} = await import('@forgeone/sdk/build');
		const progress = createProgress();
		const options = {onStep: progress.step, ...(flags.engine === undefined ? {} : {engine: flags.engine})};
		if (!flags.watch) {
			const built = await buildProject(args.folder, options).finally(progress.end);
			return flags.json ? printJson(built) : tellBuilt(built, false);
		}
		for await (const outcome of watchProject(args.folder, interruptible().signal, options)) {
			progress.end();
			if (outcome instanceof Error) await tellFailure(outcome, {json: flags.json, verbose: flags.verbose});
			else tellBuilt(outcome, flags.json);
			if (!flags.json) console.error('forge: waiting for a change');
		}
		progress.end();
	}
}
