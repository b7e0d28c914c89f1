import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {runAva} from '../../ava.ts';
import {tellFailure} from '../../build.ts';
import {ForgeCommand, interruptible} from '../../command.ts';
import {createProgress} from '../../progress.ts';

export default class PluginTest extends ForgeCommand {
	static override summary = 'Build what is in a folder, and run its tests against what came of it';
	static override description =
		'The tests are run by the ava that the project depends on; its exit code is that of this command. They find the artefact by artefact() of @forgeone/sdk/testing.';
	static override examples = [
		'<%= config.bin %> plugin test',
		'<%= config.bin %> plugin test plugins/kv --watch',
		'<%= config.bin %> plugin test -- --match "store: *"',
	];
	static override args = {
		folder: Args.string({
			default: '.',
			ignoreStdin: true,
			description: 'the project; this folder where it is not given. What follows -- is for ava',
		}),
	};
	static override flags = {
		engine: Flags.option({options: ['starlingmonkey', 'quickjs'] as const, description: 'The engine of a component in JavaScript'})(),
		update: Flags.boolean({char: 'u', description: 'Write golden files anew'}),
		watch: Flags.boolean({char: 'w', description: 'Build and test again whenever something changes, until Ctrl-C'}),
	};

	override async run(): Promise<void> {
		const end = [...this.argv, '--'].indexOf('--');
		const [own, forAva] = [this.argv.slice(0, end), this.argv.slice(end + 1)];
		const {flags, args} = await this.parse(PluginTest, own);
		const {engine, update, watch} = flags;
		const {buildProject, watchProject} = await import('@forgeone/sdk/build');
		const {signal} = interruptible();
		const progress = createProgress();
		const options = {onStep: progress.step, ...(engine === undefined ? {} : {engine})};
		const tested = (artefact: string) => runAva(args.folder, {args: forAva, artefact, update, signal});
		if (!watch) {
			const {file} = await buildProject(args.folder, {...options, signal}).finally(progress.end);
			process.exitCode = await tested(file);
			return;
		}
		for await (const outcome of watchProject(args.folder, signal, options)) {
			progress.end();
			if (outcome instanceof Error) await tellFailure(outcome, {json: false, verbose: flags.verbose});
			else await tested(outcome.file);
			console.error('forge: waiting for a change');
		}
		progress.end();
	}
}
