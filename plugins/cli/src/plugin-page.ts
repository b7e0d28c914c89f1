import type {Appraisal} from '@forgeone/wasm';
import type {PluginFacts} from './plugin-facts.ts';
import {bytes, plain} from './text.ts';
import type {Interface} from './wit.ts';

/** What a claim says, as the WIT of the appraisal has it; worst first. */
const tiers = ['contraindicated', 'failed', 'warning', 'affirming', 'not known'] as const;

function tierOf(claim: number): (typeof tiers)[number] {
	if (claim === -1) return 'failed';
	const distance = claim < 0 ? -claim - 1 : claim;
	if (distance < 2) return 'not known';
	if (distance < 32) return 'affirming';
	return distance < 96 ? 'warning' : 'contraindicated';
}

function trustLines(trust: Appraisal.Vector): string[] {
	const claims = Object.entries(trust);
	return tiers.flatMap(tier => {
		const found = claims.filter(([, claim]) => tierOf(claim) === tier).map(([name, claim]) => `${name} ${claim}`);
		return found.length > 0 ? [`  trust     ${tier}: ${found.join(', ')}`] : [];
	});
}

/** The settings of a schema, a line each. */
function configLines(schema: unknown): string[] {
	const {properties = {}, required = [], additionalProperties} = Object(schema);
	const lines = Object.entries<Readonly<Record<string, unknown>>>(properties).map(([key, {type, default: usual, description}]) => {
		const more = [
			required.includes(key) && usual === undefined && 'required',
			usual !== undefined && `default ${JSON.stringify(usual)}`,
			description,
		];
		return `    ${[`${key}: ${type ?? 'any'}`, ...more.filter(Boolean)].join(', ')}`;
	});
	const open = Object(additionalProperties).type;
	if (open !== undefined) lines.push(`    any key: ${open}`);
	return lines.length > 0 ? ['', '  config', ...lines] : [];
}

const interfaceLines = (direction: string, all: readonly Interface[]): string[] =>
	all.flatMap(({name, functions}) => [`    ${direction} ${name}`, ...functions.map(fn => `      ${fn}`)]);

/** The contracts of one that is no component, or whose file is not at hand. */
function contractLines({provides = [], uses = [], taps = [], opens = []}: PluginFacts): string[] {
	const all = {provides, uses, taps, opens};
	return Object.entries(all).flatMap(([name, ids]) => ids.map(id => `  ${name.padEnd(9)} ${id}`));
}

function memoryText({memories = [], artefact}: PluginFacts): string | undefined {
	if (memories.length === 0 && !artefact) return undefined;
	const first = memories.reduce((sum, {min}) => sum + min, 0);
	const bounded = memories.every(({max}) => max !== undefined);
	const own = memories.reduce((sum, {max = 0}) => sum + max, 0);
	const most = bounded ? `${bytes(BigInt(own))} at most` : 'no maximum of its own';
	const limit = artefact === undefined ? '' : `, limit ${bytes(artefact.memory)}`;
	return `${memories.length === 0 ? 'unknown' : `${bytes(BigInt(first))} at first, ${most}`}${limit}`;
}

/** All there is to know about a plugin, for people. */
export function pluginPage(facts: PluginFacts): string {
	const {
		name,
		file,
		state,
		reason,
		implementation,
		source,
		size,
		digest = facts.artefact?.digest,
		artefact,
		trust,
		world,
		config,
		lack,
	} = facts;
	const rows: Readonly<Record<string, string | undefined>> = {
		state: state && (reason === undefined ? state : `${state}: ${reason}`),
		'made of': implementation,
		source: source === file ? undefined : source,
		file,
		size: size === undefined ? undefined : bytes(BigInt(size)),
		digest,
		memory: memoryText(facts),
		metered: artefact && `yes, ${artefact.fuel} fuel for each call`,
		note: lack,
	};
	const shown = Object.entries(rows).flatMap(([key, value]) => (value === undefined ? [] : [`  ${key.padEnd(9)} ${value}`]));
	const contracts = world
		? ['', '  world {', ...interfaceLines('import', world.imports), ...interfaceLines('export', world.exports), '  }']
		: contractLines(facts);
	return plain([name ?? file ?? '', ...shown, ...(trust ? trustLines(trust) : []), ...contracts, ...configLines(config)].join('\n'));
}
