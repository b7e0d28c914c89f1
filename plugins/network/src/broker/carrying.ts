import type {Socket} from 'node:net';
import type {KernelCall} from '@forgeone/sdk';
import {codeOf} from './answers.ts';

/** A connection that is carried over a call. */
export interface Carried {
	/** Nobody reads it any more: once all that was written has gone, or nobody takes it, it is closed. */
	drop(): void;
	/** Settles once it is closed. */
	readonly closed: Promise<void>;
}

/** For how long a peer may take nothing of what is still to go to it, in milliseconds, once the guest has dropped the connection or is gone. */
const LINGER = 5_000;

/** Settles when there is room again, or nobody who takes anything. */
function drained(socket: Socket): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	const done = () => {
		socket.off('drain', done).off('close', done);
		resolve();
	};
	socket.on('drain', done).on('close', done);
	return promise;
}

async function fromPeer(socket: Socket, call: KernelCall): Promise<void> {
	try {
		for await (const chunk of socket.iterator({destroyOnReturn: false})) await call.write(chunk);
		await call.finish(undefined);
	} catch (error) {
		// Where the guest has closed it, nobody hears.
		await call.cancel(codeOf(socket.errored ?? error));
	}
}

async function toPeer(socket: Socket, call: KernelCall): Promise<void> {
	for (let bytes = await call.read(); bytes !== undefined; bytes = await call.read()) {
		if (socket.destroyed) return;
		if (!socket.write(bytes)) await drained(socket);
	}
	socket.end();
}

/** Carries what comes and goes at a connected socket, each direction as fast as it is taken, until both have ended or one side is gone. */
export function carry(socket: Socket, call: KernelCall): Carried {
	const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
	// The iterator tells of it too, but it may not have begun to listen, or be at its end.
	socket.on('error', error => void call.cancel(codeOf(error)));
	void fromPeer(socket, call);
	const sent = toPeer(socket, call).catch(() => undefined);

	function drop(): void {
		socket.setTimeout(LINGER, () => socket.destroy());
		void sent.then(() => socket.destroySoon());
		void closed.then(() => call.cancel('closed'));
	}

	Promise.resolve(call.cancelled()).then(reason => {
		if (reason !== undefined) drop();
	});
	return {closed, drop};
}
