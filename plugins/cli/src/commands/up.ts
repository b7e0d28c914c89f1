import {type Engine, follow} from '@forgeone/sdk/client';
import {type Loaded, loadConfig} from '@forgeone/sdk/config';
import type {Containers} from '@forgeone/wasm';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, interruptible, json} from '../command.ts';
import {becomeDaemon, ensureDaemon, undoDaemon} from '../daemon.ts';
import {daemon} from '../engine.ts';
import {engineOf} from '../kernel.ts';
import {linesOf, printLine} from '../lines.ts';
import {type Change, reconcile} from '../reconcile.ts';
import {printJson} from '../text.ts';

/** The engine to bring up: that of the daemon there is, else of one in this process, or beside it where it shall be detached. */
async function open(loaded: Loaded, detach: boolean): Promise<Engine> {
	if (detach) return ensureDaemon(loaded.file);
	return (await daemon())?.engine ?? engineOf(await becomeDaemon(loaded));
}

/** What a container writes from now on. */
async function* later(pieces: AsyncIterable<Containers.Output>, now: bigint): AsyncGenerator<Containers.Output, void> {
	for await (const piece of pieces) if (piece.time >= now) yield piece;
}

/** Shows what the containers write, each line after its container's name, until `signal`. */
async function show({containers}: Engine, changes: readonly Change[], now: bigint, signal: AbortSignal): Promise<void> {
	const width = Math.max(0, ...changes.map(({name}) => name.length));
	const one = async ({id, name}: Change) => {
		const prefix = `${name.padEnd(width)} | `;
		for await (const line of linesOf(later(follow(containers, id, 0n, signal), now))) await printLine(line, {prefix});
	};
	await Promise.allSettled(changes.map(one));
}

export default class Up extends ForgeCommand {
	static override summary = 'Start the daemon and the containers of the configuration, and show what they write';
	static override description =
		'Where a daemon runs already, only what changed in the configuration is changed. Ctrl-C ends what this command started; with --detach it goes on.';
	static override examples = ['<%= config.bin %> up', '<%= config.bin %> up --detach --file ./forge.config.yaml'];
	static override flags = {
		detach: Flags.boolean({char: 'd', description: 'Leave it all to a daemon, and return'}),
		file: Flags.string({char: 'f', description: 'The configuration; forge.config.{ts,js,json,yaml} of this folder where it is not given'}),
		json,
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Up);
		const now = BigInt(Date.now());
		const ended = interruptible();
		const loaded = await loadConfig(process.cwd(), flags.file);
		const engine = await open(loaded, flags.detach);
		try {
			const changes = await reconcile(engine, loaded);
			if (flags.json) printJson(changes);
			else for (const {name, done} of changes) console.error(`forge: ${name} ${done}`);
			if (flags.detach) return;
			console.error(
				changes.length > 0 ? 'forge: showing what they write, until Ctrl-C' : 'forge: there is no container to start; Ctrl-C ends this',
			);
			const shown = show(engine, changes, now, ended.signal);
			if (!ended.signal.aborted) await new Promise(resolve => ended.signal.addEventListener('abort', resolve));
			void shown;
		} catch (error) {
			undoDaemon(engine);
			throw error;
		} finally {
			await engine.close();
		}
	}
}
