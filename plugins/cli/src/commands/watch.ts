import type {Built} from '@forgeone/sdk/build';
import {type Loaded, loadConfig} from '@forgeone/sdk/config';
import * as Flags from '@oclif/core/flags';
import {tellBuilt, tellFailure} from '../build.ts';
import {ForgeCommand, interruptible, json} from '../command.ts';
import {becomeDaemon} from '../daemon.ts';
import {daemon} from '../engine.ts';
import {errors} from '../errors.ts';
import {engineOf} from '../kernel.ts';
import {reconcile} from '../reconcile.ts';
import {bring, buildsOf, type Watched, watchedOf} from '../watch.ts';

interface Watching {
	readonly project: Watched;
	readonly builds: AsyncGenerator<boolean, void>;
}

/** Builds all once, brings an engine to the configuration, and then each change into it, one after the other: what is brought may be what the next needs. */
async function serve(loaded: Loaded, watching: readonly Watching[], failed: (error: Error) => Promise<void>): Promise<void> {
	const fresh: Watched[] = [];
	for (const {project, builds} of watching) if ((await builds.next()).value) fresh.push(project);
	const running = await daemon();
	const engine = running?.engine ?? (await engineOf(await becomeDaemon(loaded)));
	let last = Promise.resolve();
	const put = (project: Watched) => {
		last = last.then(() => bring(engine, loaded, project)).catch(failed);
		return last;
	};
	try {
		if (running) for (const project of fresh) await put(project);
		await reconcile(engine, loaded);
		console.error('forge: watching for changes');
		const follow = async ({project, builds}: Watching) => {
			for await (const changed of builds) if (changed) await put(project);
		};
		await Promise.all(watching.map(follow));
	} finally {
		await engine.close();
	}
}

export default class Watch extends ForgeCommand {
	static override summary = 'Build what the configuration is made of, and put each change into the daemon';
	static override description =
		'A plugin or a container whose file is in the folder build of a project below the configuration is built again when its sources change, and takes the place of the one that runs; nothing else is touched. Where no daemon runs, this command is one until Ctrl-C.';
	static override examples = ['<%= config.bin %> watch', '<%= config.bin %> watch --file ./forge.config.yaml'];
	static override flags = {
		file: Flags.string({char: 'f', description: 'The configuration; forge.config.{ts,js,json,yaml} of this folder where it is not given'}),
		json,
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Watch);
		const ended = interruptible();
		const loaded = await loadConfig(process.cwd(), flags.file);
		const projects = await watchedOf(loaded);
		if (projects.length === 0) throw errors.FORGE_WATCH_NOTHING({folder: loaded.folder});
		const failed = (error: Error) => tellFailure(error, {json: flags.json, verbose: flags.verbose});
		const built = (one: Built) => tellBuilt(one, flags.json);
		const watching = projects.map(project => ({project, builds: buildsOf(project, ended.signal, {built, failed})}));
		try {
			await serve(loaded, watching, failed);
		} finally {
			ended.abort();
		}
	}
}
