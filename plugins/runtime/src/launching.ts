import {type Log, type Provider, reasonOf} from '@forgeone/core';
import {type attachment, type calls, type KernelListener, refusals} from '@forgeone/sdk';
import type {Attachment, Audit, Containers} from '@forgeone/wasm';
import type {Exchange} from './channel/exchange.ts';
import {type Creating, isolationOf} from './creation.ts';
import {errors} from './errors.ts';
import type {Image} from './images.ts';
import {openJournal} from './journal.ts';
import {type Running, run, type Work} from './running.ts';
import type {Sinks} from './sinks.ts';

type Container = Containers.Container;

/** What it takes to start a container. */
export interface Launching extends Pick<Creating, 'image' | 'isolations'> {
	/** What the clocks of guests tell apart. */
	readonly clock: keyof typeof RESOLUTION;
	/** The folder of the journals. */
	readonly journals: string;
	readonly log: Log;
	readonly attachment: Provider<NonNullable<typeof attachment.shape>>;
	readonly calls: Provider<NonNullable<typeof calls.shape>>;
	readonly sinks: Sinks;
	/** Puts an entry into the audit. */
	readonly append: (entry: Audit.Entry) => Promise<void>;
}

/** What clocks tell apart, in nanoseconds: as browsers do for pages that are alone in their process, or with others. */
const RESOLUTION = {fine: 1_000, coarse: 1_000_000};

/** How long a server may take for one request where the container has no timeout of its own, in milliseconds. */
const REQUEST = 30_000;

/** The memory for which a server gets one more instance, in bytes, and the most that it gets unasked. */
const SHARE = 32n * 1024n * 1024n;
const MOST = 16n;

function fitting(memory: bigint): number {
	const shares = memory / SHARE;
	return Number(shares < 1n ? 1n : shares > MOST ? MOST : shares);
}

/** What a container is to run, but for its program. */
function taskOf({id, name, spec}: Container, {entry}: Image, parts: readonly Attachment.Part[], clock: Launching['clock']): Work['task'] {
	const {arguments: args, environment, config, limits} = spec;
	const folders = parts.flatMap(part => part.folders);
	const instances = entry.kind === 'server' ? (limits.instances ?? fitting(limits.memory)) : 1;
	return {
		container: id,
		parts: parts.map(({plugin, module, data, listeners}) => ({plugin, module, data, listeners: listeners.length})),
		arguments: [name, ...args],
		environment,
		config,
		entry,
		resolution: RESOLUTION[clock],
		memory: Math.floor(Number(limits.memory) / instances),
		instances,
		timeout: Number(limits.timeout ?? REQUEST),
		files: folders.length === 0 ? 'none' : folders.every(({readOnly}) => readOnly) ? 'read' : 'write',
	};
}

/** Makes what starts containers: it has subsystems attach to them, and gives them a cell. Throws where one can not be started; then nothing is attached. */
export function createLaunch({
	journals,
	log,
	image,
	isolations,
	clock,
	attachment,
	calls,
	sinks,
	append,
}: Launching): (container: Container) => Promise<Running> {
	async function attach(request: Attachment.Request): Promise<Attachment.Part[]> {
		try {
			return await attachment.attach([], request);
		} catch (error) {
			await attachment.detach(request.container);
			throw error;
		}
	}

	/** Reads the image again, which must be what was admitted. */
	async function same({spec, digest}: Container): Promise<Image> {
		const found = await image(spec.image);
		if (found.digest !== digest) throw errors.FORGE_SPEC_INVALID({field: `image "${spec.image}"`, reason: 'has changed since'});
		return found;
	}

	/** Finds whose a call of a cell half is. */
	async function answer(id: string, plugin: string, call: Exchange): Promise<void> {
		try {
			if ((await calls.take(id, plugin, call)) !== true) call.cancel(`nobody takes calls for "${plugin}"`);
		} catch (error) {
			log.error({err: error, container: id, plugin}, 'a call of a cell failed');
			call.cancel(reasonOf(error));
		}
	}

	return async container => {
		const {id, spec, grants} = container;
		const found = await same(container);
		const isolation = await isolationOf(isolations, grants.isolation);
		const parts = await attach({container: id, name: container.name, grants, imports: [...found.imports], exports: [...found.exports]});
		const outlet = sinks.outlet(id, container.name);
		const journal = openJournal(journals, id, spec.attached, outlet.offer);
		const work = {
			task: taskOf(container, found, parts, clock),
			outfit: {
				folders: parts.flatMap(part => part.folders), // The WIT has no word for what a port is in the kernel.
				listeners: parts.flatMap(part => part.listeners) as unknown as KernelListener[],
			},
			// A server may wait long for its first request, and must not hold its image meanwhile.
			program: found.entry.kind === 'command' ? async () => found : () => same(container),
			timeout: spec.limits.timeout === undefined ? undefined : Number(spec.limits.timeout),
			refused: refusals(id, append, log),
			called: (plugin: string, call: Exchange) => void answer(id, plugin, call),
			dropped: outlet.dropped,
		};
		return run(work, isolation, journal);
	};
}
