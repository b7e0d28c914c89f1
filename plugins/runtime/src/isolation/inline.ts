import {inhabit} from '../cell/inhabit.ts';
import {kernelGround} from '../cell/upkeep.ts';
import {wirePair} from '../channel/wires.ts';
import type {Ending, Isolation, Vessel} from '../isolation.ts';
import {createCell} from './cell.ts';

/** What each call of a guest may run, in instructions, about: it holds the kernel's thread for so long. */
const FUEL = 1_000_000_000;

function createCorner(): Vessel {
	const [kernel, cell] = wirePair();
	const {promise: gone, resolve} = Promise.withResolvers<Ending>();
	inhabit(cell, {listeners: async () => [], seal: () => undefined, ground: kernelGround});
	return {
		wire: kernel,
		shares: true,
		listens: false,
		fuel: FUEL,
		hand: () => undefined,
		handed: () => undefined,
		gone,
		cost: async () => ({cpu: 0, wanted: 0, memory: undefined}),
		async kill() {
			cell.close();
			resolve({code: 137, reason: 'killed'});
		},
	};
}

/** Cells in the kernel's own thread: their guests are metered, and nothing but the linker stands between them and the kernel. */
export function createInline(): Isolation {
	return {name: 'inline', take: () => createCell(createCorner()), close: async () => undefined};
}
