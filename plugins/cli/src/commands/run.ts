import {DEFAULT_MEMORY} from '@forgeone/sdk/config';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {isolations, restarts} from '../given.ts';

const several = {multiple: true, multipleNonGreedy: true} as const;

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
			helpValue: 'COUNT',
			min: 1,
			max: 1024,
			description: 'Instances of a server that answer at one time, sharing its memory; one for each 32 MiB where nothing is said',
		}),
		// What hands type that know docker: in the foreground, it has this terminal anyway.
		interactive: Flags.boolean({char: 'i', hidden: true}),
		tty: Flags.boolean({char: 't', hidden: true}),
		isolation: Flags.string({
			options: isolations,
			description: 'What stands between it and this machine: process where nothing is said',
		}),
		keyvalue: Flags.string({...several, helpValue: 'NAME', description: 'Give it a store of keys and values'}),
		memory: Flags.string({char: 'm', default: DEFAULT_MEMORY, helpValue: '64MiB', description: 'Memory that it may have'}),
		name: Flags.string({helpValue: 'NAME', description: 'What it is called; made up where there is none'}),
		network: Flags.string({
			...several,
			helpValue: 'NAME',
			description: 'Put it on this network, where others reach it as NAME.NETWORK.internal',
		}),
		publish: Flags.string({
			...several,
			char: 'p',
			helpValue: '[ADDRESS:]PORT[/udp]',
			description: 'Listen there for it, on 127.0.0.1 where no address is given',
		}),
		restart: Flags.string({options: restarts, default: 'no', description: 'Start it again after it ended'}),
		rm: Flags.boolean({default: false, description: 'Forget it once it has ended'}),
		route: Flags.string({...several, helpValue: '[HOST][/PATH]', description: 'Have the gateway send this to it'}),
		timeout: Flags.string({helpValue: '10s', description: 'Time that it may take; for a server each request'}),
		volume: Flags.string({...several, char: 'v', helpValue: 'SOURCE:/TARGET[:ro]', description: 'Give it a volume or a folder'}),
	};

	override async run(): Promise<void> {
		const {flags, args, raw} = await this.parse(Run);
		// Of the words that are the same, `argv` puts the later ones beside the first.
		const [, ...others] = raw.flatMap(({type, input}) => (type === 'arg' ? [input] : []));
		const {run} = await import('../run.ts');
		await run({flags, words: [args.image, ...others]});
	}
}
