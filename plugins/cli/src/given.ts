import {parseArgs} from 'node:util';

/** What a command line of `run` says. */
export interface Given {
	readonly flags: {
		readonly 'allow-net'?: readonly string[] | undefined;
		readonly blobstore?: readonly string[] | undefined;
		readonly config?: readonly string[] | undefined;
		readonly detach?: boolean | undefined;
		readonly env?: readonly string[] | undefined;
		readonly instances?: number | undefined;
		readonly isolation?: string | undefined;
		readonly keyvalue?: readonly string[] | undefined;
		readonly memory?: string | undefined;
		readonly name?: string | undefined;
		readonly network?: readonly string[] | undefined;
		readonly publish?: readonly string[] | undefined;
		readonly restart?: string | undefined;
		readonly rm?: boolean | undefined;
		readonly route?: readonly string[] | undefined;
		readonly timeout?: string | undefined;
		readonly volume?: readonly string[] | undefined;
	};
	/** The image, and the arguments of its guest. */
	readonly words: readonly [image: string, ...args: string[]];
}

/** The values that these take. */
export const isolations = ['inline', 'thread', 'process', 'sandbox'];
export const restarts = ['no', 'on-failure', 'always'];

const yes = {type: 'boolean'} as const;
const one = {type: 'string'} as const;
const several = {type: 'string', multiple: true} as const;

const options = {
	'allow-net': several,
	blobstore: several,
	config: several,
	detach: {...yes, short: 'd'},
	env: {...several, short: 'e'},
	isolation: one,
	keyvalue: several,
	memory: {...one, short: 'm'},
	name: one,
	network: several,
	publish: {...several, short: 'p'},
	restart: one,
	rm: yes,
	route: several,
	timeout: one,
	volume: {...several, short: 'v'},
} as const;

/**
 * Reads the words after `run` where they are plain, for oclif takes longer to load than a container to start. What it returns is what oclif
 * reads; undefined leaves the line to oclif, which also says what is wrong with it.
 */
export function readRun(args: readonly string[]): Given | undefined {
	const end = args.indexOf('--');
	// Of letters that are put together the two make different things.
	if (args.slice(0, end < 0 ? undefined : end).some(word => /^-[^-]./.test(word))) return undefined;
	try {
		const {values: flags, positionals, tokens} = parseArgs({args: [...args], options, allowPositionals: true, tokens: true});
		const names = tokens.flatMap(token => (token.kind === 'option' && !('multiple' in options[token.name]) ? [token.name] : []));
		const known = isolations.includes(flags.isolation ?? 'process') && restarts.includes(flags.restart ?? 'no');
		const [image, ...others] = positionals;
		return image && known && new Set(names).size === names.length ? {flags, words: [image, ...others]} : undefined;
	} catch {
		return undefined;
	}
}
