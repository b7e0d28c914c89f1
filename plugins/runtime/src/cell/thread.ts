import {parentPort} from 'node:worker_threads';
import {portWire} from '../channel/wires.ts';
import {inhabit} from './inhabit.ts';
import {threadGround} from './upkeep.ts';

// A worker always has one.
const port = parentPort as NonNullable<typeof parentPort>;

inhabit(portWire(port), {
	listeners: async () => [],
	seal: () => undefined,
	ground: threadGround,
});
