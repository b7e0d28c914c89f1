import {resolve} from 'node:path';
import type {Engine} from '@forgeone/sdk/client';
import {DEFAULT_MEMORY, parseDuration, parseMount, parsePort, parseSize, storesOf} from '@forgeone/sdk/config';
import type {RuntimeTypes} from '@forgeone/wasm';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {withEngine} from '../engine.ts';
import {errors} from '../errors.ts';

const several = {multiple: true, multipleNonGreedy: true} as const;

/** `KEY=VALUE` as it is, `KEY` with the value that it has here; one that has none is left out. */
function variable(text: string): [string, string][] {
	const [, key = text, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	if (key === '' || key.startsWith('=')) {
		throw errors.FORGE_USAGE({reason: `"${text}" is no variable, write it like KEY=VALUE`, command: 'run'});
	}
	const found = value ?? process.env[key];
	return found === undefined ? [] : [[key, found]];
}

/** With what those who are on its networks may reach besides; policy is asked about it like about all else. */
async function withNetworks({networks}: Engine, spec: RuntimeTypes.Spec): Promise<RuntimeTypes.Spec> {
	const joined = await Promise.all(spec.networks.map(name => networks.inspect(name)));
	return {...spec, egress: [...new Set([...spec.egress, ...joined.flatMap(({egress}) => egress)])]};
}

function setting(text: string): [string, string] {
	const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	if (key === undefined || value === undefined) {
		throw errors.FORGE_USAGE({reason: `"${text}" is no setting, write it like KEY=VALUE`, command: 'run'});
	}
	return [key, value];
}

export default class Run extends ForgeCommand {
	static override summary = 'Run a WebAssembly component as a container';
	static override description =
		'The guest sees what it is given here and nothing else: no file, no network, no variable of this shell. Its exit code is that of this command; ' +
		'124 it took too long, 125 ForgeOne failed, 126 policy refused it, 127 it is no component, 134 it trapped, 137 it was killed or wanted too much memory.';
	static override examples = [
		'<%= config.bin %> run hello.wasm -- one two',
		'<%= config.bin %> run -v ./data:/data:ro --timeout 10s count.wasm',
		'<%= config.bin %> run -d --name web -p 8080 server.wasm',
	];
	static override strict = false;
	static override args = {
		image: Args.string({required: true, ignoreStdin: true, description: 'a WebAssembly component; what follows -- are its arguments'}),
	};
	static override flags = {
		'allow-net': Flags.string({
			...several,
			helpValue: 'HOST:PORT',
			description: 'Grant it a way out to this: api.example.com:443, *.example.com:443, 10.0.0.7:*',
		}),
		blobstore: Flags.string({...several, helpValue: 'NAME', description: 'Give it a store of objects'}),
		config: Flags.string({...several, helpValue: 'KEY=VALUE', description: 'Give it a setting, which it reads by wasi:config'}),
		detach: Flags.boolean({char: 'd', description: 'Leave it to the daemon, which is started where none runs, and print its id'}),
		env: Flags.string({
			...several,
			char: 'e',
			helpValue: 'KEY[=VALUE]',
			description: 'Give it a variable; without a value the one of this shell',
		}),
		instances: Flags.integer({
			min: 1,
			max: 1024,
			description: 'Instances of a server that answer at one time, sharing its memory; one for each 32 MiB where nothing is said',
		}),
		isolation: Flags.string({
			options: ['inline', 'thread', 'process', 'sandbox'],
			description: 'What stands between it and this machine: process where nothing is said',
		}),
		keyvalue: Flags.string({...several, helpValue: 'NAME', description: 'Give it a store of keys and values'}),
		memory: Flags.string({default: DEFAULT_MEMORY, helpValue: '64MiB', description: 'Memory that it may have'}),
		name: Flags.string({description: 'What it is called; made up where there is none'}),
		network: Flags.string({
			...several,
			helpValue: 'NAME',
			description: 'Put it on this network, where others reach it as NAME.NETWORK.internal',
		}),
		publish: Flags.string({
			...several,
			char: 'p',
			helpValue: '[ADDRESS:]PORT',
			description: 'Listen there for it, on 127.0.0.1 where no address is given',
		}),
		restart: Flags.string({options: ['no', 'on-failure', 'always'], default: 'no', description: 'Start it again after it ended'}),
		rm: Flags.boolean({default: false, description: 'Forget it once it has ended'}),
		route: Flags.string({...several, helpValue: '[HOST][/PATH]', description: 'Have the gateway send this to it'}),
		timeout: Flags.string({helpValue: '10s', description: 'Time that it may take; for a server each request'}),
		volume: Flags.string({...several, char: 'v', helpValue: 'SOURCE:/TARGET[:ro]', description: 'Give it a volume or a folder'}),
	};

	override async run(): Promise<void> {
		const {flags, args, raw} = await this.parse(Run);
		const {name, isolation, timeout, instances} = flags;
		const spec: RuntimeTypes.Spec = {
			...(name === undefined ? {} : {name}),
			image: resolve(args.image),
			// Of the words that are the same, `argv` puts the later ones beside the first.
			arguments: raw.flatMap(({type, input}) => (type === 'arg' ? [input] : [])).slice(1),
			environment: (flags.env ?? []).flatMap(variable),
			config: (flags.config ?? []).map(setting),
			mounts: (flags.volume ?? []).map(volume => parseMount(volume, process.cwd())),
			publish: (flags.publish ?? []).map(parsePort),
			egress: flags['allow-net'] ?? [],
			routes: flags.route ?? [],
			networks: flags.network ?? [],
			...storesOf({keyvalue: flags.keyvalue ?? [], blobstore: flags.blobstore ?? []}),
			limits: {
				memory: parseSize(flags.memory),
				...(timeout === undefined ? {} : {timeout: parseDuration(timeout)}),
				...(instances === undefined ? {} : {instances}),
			},
			...(isolation === undefined ? {} : {isolation: isolation as RuntimeTypes.Isolation}),
			restart: flags.restart as RuntimeTypes.Restart,
			attached: false,
			interactive: false,
			remove: flags.rm,
		};
		if (flags.detach) return this.#detach(spec);
		const {runForeground} = await import('../foreground.ts');
		process.exitCode = await withEngine(async engine => runForeground(engine, await withNetworks(engine, spec)));
	}

	async #detach(spec: RuntimeTypes.Spec): Promise<void> {
		const {ensureDaemon, undoDaemon} = await import('../daemon.ts');
		const engine = await ensureDaemon();
		try {
			const {id} = await engine.containers.create(await withNetworks(engine, spec));
			try {
				await engine.containers.start(id);
			} catch (error) {
				await engine.containers.remove(id, true).catch(() => undefined);
				throw error;
			}
			this.log(id);
		} catch (error) {
			undoDaemon(engine);
			throw error;
		} finally {
			await engine.close();
		}
	}
}
