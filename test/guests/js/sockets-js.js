/** A command: does with sockets what its first argument says, and prints one line of JSON about it. */
import {getArguments} from 'wasi:cli/environment@0.2.0';
import {getStdout} from 'wasi:cli/stdout@0.2.0';
import {instanceNetwork} from 'wasi:sockets/instance-network@0.2.0';
import {resolveAddresses} from 'wasi:sockets/ip-name-lookup@0.2.0';
import {createTcpSocket} from 'wasi:sockets/tcp-create-socket@0.2.0';
import {createUdpSocket} from 'wasi:sockets/udp-create-socket@0.2.0';

// What is made at the top is made when the component is built.
let network;
const loopback = port => ({tag: 'ipv4', val: {port: Number(port), address: [127, 0, 0, 1]}});
const any = port => ({tag: 'ipv4', val: {port: Number(port), address: [0, 0, 0, 0]}});
// The engine has no TextEncoder.
const bytes = text => Uint8Array.from(text, unit => unit.charCodeAt(0));
const text = data => String.fromCharCode(...data);

const codeOf = error => error?.payload?.tag ?? error?.payload ?? error?.tag ?? error;

/** Calls again whenever the socket has something to say, for as long as it would block. */
const wait = (of, work) => {
	for (;;) {
		try {
			return work();
		} catch (error) {
			if (codeOf(error) !== 'would-block') throw error;
			of.subscribe().block();
		}
	}
};

const connect = port => {
	const socket = createTcpSocket('ipv4');
	socket.startConnect(network, loopback(port));
	return [socket, ...wait(socket, () => socket.finishConnect())];
};

/** The next bytes; undefined at the end. */
const read = input => {
	try {
		return new Uint8Array(input.blockingRead(65536));
	} catch (error) {
		if (codeOf(error) === 'closed') return undefined;
		throw error;
	}
};

const doings = {
	/** Sends so many bytes, ends, and counts what comes back meanwhile, and how much of that is not as it was sent. */
	client(port, count) {
		const [socket, input, output] = connect(port);
		const piece = Uint8Array.from({length: 32768}, (_, i) => i);
		let [sent, got, wrong, ended] = [0, 0, 0, false];
		const take = data => {
			for (let i = 0; i < data.length; i += 101) if (data[i] !== ((got + i) & 255)) wrong++;
			got += data.length;
		};
		while (sent < count) {
			const room = Math.min(Number(output.checkWrite()), piece.length - 256, count - sent);
			if (room > 0) {
				const at = sent & 255;
				output.write(piece.subarray(at, at + room));
				sent += room;
				continue;
			}
			take(new Uint8Array(input.blockingRead(65536)));
		}
		socket.shutdown('send');
		while (!ended) {
			const data = read(input);
			if (data) take(data);
			else ended = true;
		}
		return {sent, got, wrong};
	},
	/** Echoes to so many connections, one after the other. */
	server(port, count) {
		const listener = createTcpSocket('ipv4');
		listener.startBind(network, any(port));
		wait(listener, () => listener.finishBind());
		listener.startListen();
		wait(listener, () => listener.finishListen());
		let echoed = 0;
		for (let i = 0; i < count; i++) {
			const [socket, input, output] = wait(listener, () => listener.accept());
			try {
				for (;;) echoed += Number(output.blockingSplice(input, 65536));
			} catch (error) {
				if (codeOf(error) !== 'closed') throw error;
			}
			socket.shutdown('both');
		}
		return {echoed, address: listener.localAddress()};
	},
	/** Writes, and ends without waiting for anything. */
	leave(port, count) {
		const [, , output] = connect(port);
		const piece = new Uint8Array(4096).fill(7);
		for (let sent = 0; sent < count; sent += piece.length) output.blockingWriteAndFlush(piece);
		return {};
	},
	/** Waits for a peer that says nothing. */
	hang(port) {
		const [, input] = connect(port);
		return {read: read(input)?.length ?? null};
	},
	/** Opens sockets and drops none. */
	hoard(port, count) {
		const held = [];
		try {
			for (let i = 0; i < count; i++) {
				const socket = createTcpSocket('ipv4');
				held.push(socket);
				socket.startConnect(network, loopback(port));
				held.push(wait(socket, () => socket.finishConnect()));
			}
		} catch (error) {
			return {held: held.length, code: codeOf(error)};
		}
		return {held: held.length};
	},
	/** Tries to connect to so many ports, and again to the first. */
	pester(port, count) {
		const codes = {};
		for (let i = 0; i <= count; i++) {
			try {
				connect(Number(port) + (i % count));
			} catch (error) {
				codes[codeOf(error)] = (codes[codeOf(error)] ?? 0) + 1;
			}
		}
		return codes;
	},
	/** Answers so many datagrams, and tells what comes of one to a port that it has not heard. */
	answer(port, count, stranger) {
		const socket = createUdpSocket('ipv4');
		socket.startBind(network, any(port));
		wait(socket, () => socket.finishBind());
		const [incoming, outgoing] = socket.stream(undefined);
		const send = (data, remoteAddress) => {
			while (Number(outgoing.checkSend()) === 0) outgoing.subscribe().block();
			outgoing.send([{data: bytes(data), remoteAddress}]);
		};
		for (let left = Number(count); left > 0; ) {
			const [found] = incoming.receive(1);
			if (!found) incoming.subscribe().block();
			else send(`${text(new Uint8Array(found.data))}!`, found.remoteAddress);
			if (found) left--;
		}
		try {
			send('x', loopback(stranger));
		} catch (error) {
			return {code: codeOf(error)};
		}
		return {};
	},
	/** Sends a datagram, and tells what comes back. */
	datagram(port, message) {
		const socket = createUdpSocket('ipv4');
		socket.startBind(network, any(0));
		wait(socket, () => socket.finishBind());
		const [incoming, outgoing] = socket.stream(undefined);
		while (Number(outgoing.checkSend()) === 0) outgoing.subscribe().block();
		outgoing.send([{data: bytes(message), remoteAddress: loopback(port)}]);
		for (;;) {
			const [found] = incoming.receive(1);
			if (found) return {data: text(new Uint8Array(found.data)), from: found.remoteAddress};
			incoming.subscribe().block();
		}
	},
	resolve(name) {
		const stream = resolveAddresses(network, name);
		const found = [];
		for (;;) {
			const address = wait(stream, () => stream.resolveNextAddress());
			if (address === undefined || address === null) return {found};
			found.push(address);
		}
	},
};

const attempt = ([doing, ...args]) => {
	try {
		return doings[doing](...args);
	} catch (error) {
		return {code: codeOf(error), ...(typeof codeOf(error) === 'string' ? {} : {error: `${error} ${error?.stack}`})};
	}
};

export const run = {
	run() {
		network = instanceNetwork();
		const line = JSON.stringify(attempt(getArguments().slice(1)), (_, value) => (typeof value === 'bigint' ? Number(value) : value));
		getStdout().blockingWriteAndFlush(bytes(`${line}\n`));
	},
};
