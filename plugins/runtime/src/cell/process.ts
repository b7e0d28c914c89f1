import {type Server, Socket} from 'node:net';
import {socketWire} from '../channel/wires.ts';
import {inhabit} from './inhabit.ts';
import {processGround} from './upkeep.ts';

/** The descriptor at which the kernel is. */
const KERNEL = 3;

/** Where what is open is found. */
const OPEN = '/proc/self/fd/';

const socket = new Socket({fd: KERNEL, readable: true, writable: true});
const handed: Server[] = [];
let complete = (): void => undefined;

/** A listener accepts from the moment on in which it comes: who connects before anybody listens to it is told to the one who does. */
function patient(listener: Server): Server {
	const early: Socket[] = [];
	const keep = (connection: Socket): void => void early.push(connection);
	listener.on('connection', keep);
	listener.once('newListener', () => {
		listener.off('connection', keep);
		process.nextTick(() => {
			for (const connection of early) listener.emit('connection', connection);
		});
	});
	return listener;
}

process.on('message', (_, listener) => {
	handed.push(patient(listener as Server));
	complete();
});

/** Gives up a permission, for good; the process was started with a model of them. */
function drop(scope: string, reference?: string): void {
	process.permission?.drop?.(scope, reference);
}

// Without the kernel there is nothing to do here, and nobody to tell.
socket.on('close', () => process.exit(0));

inhabit(socketWire(socket), {
	async listeners(count) {
		if (handed.length < count) {
			await new Promise<void>(resolve => {
				complete = () => handed.length >= count && resolve();
			});
		}
		return handed;
	},
	ground: processGround,
	seal(files) {
		if (process.connected) process.disconnect?.();
		drop('net');
		if (files !== 'write') drop('fs.write');
		if (files === 'none') return drop('fs.read');
		// What is left is what is open: folders, by the number of their descriptors.
		for (const argument of process.execArgv) {
			const [, scope, folder] = /^--allow-fs-(read|write)=(.+)$/.exec(argument) ?? [];
			if (folder !== undefined && folder !== OPEN) drop(`fs.${scope}`, folder);
		}
	},
});
