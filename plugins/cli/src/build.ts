import {relative} from 'node:path';
import type {Built} from '@forgeone/sdk/build';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from './command.ts';
import {bytes, plain, printJson, table} from './text.ts';

/** What came of it, a line for each thing to know. */
function report({file, size, digest, imports, exports, milliseconds}: Built): string {
	const rows = [
		[`${(milliseconds / 1000).toFixed(1)} s, ${bytes(BigInt(size))}`],
		[digest],
		...imports.map(name => [`imports ${name}`]),
		...exports.map(name => [`exports ${name}`]),
	];
	return table([relative('', file)], rows);
}

/** Builds what is in a folder: `forge build`, and `forge plugin build`. */
export abstract class BuildCommand extends ForgeCommand {
	static override description =
		'It is what is in the folder: assembly/index.ts is AssemblyScript, src/index.wat is WebAssembly text, src/index.js or src/index.ts beside a folder wit is a component in JavaScript, src/index.ts without one is a plugin in TypeScript. What comes of it is in the folder build.';
	static override args = {
		folder: Args.string({default: '.', ignoreStdin: true, description: 'the project; this folder where it is not given'}),
	};
	static override flags = {
		engine: Flags.option({options: ['starlingmonkey', 'quickjs'] as const, description: 'the engine of a component in JavaScript'})(),
		json,
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(BuildCommand);
		const {buildProject} = await import('@forgeone/sdk/build');
		const built = await buildProject(args.folder, flags.engine === undefined ? {} : {engine: flags.engine});
		if (flags.json) return printJson(built);
		this.log(plain(report(built)));
	}
}
