import type {Attachment} from '@forgeone/wasm';
import type {Port} from './ports.ts';

/** A container, as the generation of this plugin knows it that has attached it last. */
export interface Attached {
	readonly request: Attachment.Request;
	ports: readonly Port[];
}

/** What one generation of this plugin leaves to the next, by container. */
export type Handover = Map<string, Attached>;

/** Of the process, for the module of the next generation may be another one. */
const KEY = Symbol.for('@forgeone/plugin-network');

const process = globalThis as {[KEY]?: Map<string, {owner: symbol; all: Handover}>};

/** What there is to take over for the plugin whose state is in this folder; `taken` where another generation was there. It is forgotten with the last generation: call `end` then. */
export function openHandover(state: string): {readonly all: Handover; readonly taken: boolean; end(): void} {
	process[KEY] ??= new Map();
	const places = process[KEY];
	const owner = Symbol();
	const before = places.get(state);
	const all: Handover = before?.all ?? new Map();
	places.set(state, {owner, all});
	return {
		all,
		taken: before !== undefined,
		end() {
			if (places.get(state)?.owner === owner) places.delete(state);
		},
	};
}
