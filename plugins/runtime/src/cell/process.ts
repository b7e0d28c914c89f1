import {readdirSync} from 'node:fs';
import {type Server, Socket} from 'node:net';
import {socketWire} from '../channel/wires.ts';
import {inhabit} from './inhabit.ts';

/** The descriptor at which the kernel is. */
const KERNEL = 3;

const socket = new Socket({fd: KERNEL, readable: true, writable: true});
const handed: Server[] = [];
let complete = (): void => undefined;

process.on('message', (_, listener) => {
	handed.push(listener as Server);
	complete();
});

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
	seal(files) {
		if (process.connected) process.disconnect();
		// It is there, for this process was started with a permission model.
		const {drop} = process.permission as {drop(scope: string, reference?: string): void};
		drop.drop('net');
		if (files !== 'write') drop('fs.write');
		if (files === 'none') drop('fs.read');
		if (files === 'none') return;
		// What is left is what is open: folders, by the number of their descriptors.
		for (const name of readdirSync('/')) {
			drop('fs.read', `/${name}/`);
			if (files === 'write') drop('fs.write', `/${name}/`);
		}
	},
});
