import type {IncomingMessage, ServerResponse} from 'node:http';
import {Bell, type Call, type Incoming, IoError, type Outgoing} from '@forgeone/sdk/cell';
import {errors} from '../errors.ts';
import {type RequestHead, type ResponseHead, trailerText} from '../http/heads.ts';
import {bodied} from '../http/requests.ts';
import {end, fail, STALL, writeHead} from '../http/responses.ts';

/** How much of a response may wait for its client before the guest waits, in bytes. */
const WINDOW = 256 * 1024;

/** A call whose heads need not be parsed, for they were never text. */
export interface DirectCall extends Call {
	readonly request: RequestHead;
	/** `answer` with what the text would say. */
	respond(head: ResponseHead): void;
}

const GONE = 'the client has left';

/** The body of a request, as the guest reads it. */
function incomingOf(incoming: IncomingMessage, limit: number): Incoming {
	const bell = new Bell();
	const empty = !bodied(incoming);
	let listening = false;
	let size = 0;
	// The end of a stream that nobody flows is not told by itself.
	const over = () => (incoming.complete && incoming.readableLength === 0) || incoming.destroyed;

	// A request without a body costs no listener.
	function listen(): void {
		if (listening || empty) return;
		listening = true;
		const ring = () => bell.ring();
		incoming.on('readable', ring).on('close', ring).on('error', ring);
	}

	return {
		ready() {
			listen();
			return empty || incoming.readableLength > 0 || over();
		},
		watch(wake) {
			listen();
			return bell.watch(wake);
		},
		read(most) {
			listen();
			if (empty) return undefined;
			const bytes: Buffer | null = incoming.read(Math.min(most, incoming.readableLength) || undefined);
			if (bytes) {
				size += bytes.length;
				if (size > limit) throw new IoError(`a body of more than ${limit} bytes`, errors.FORGE_REQUEST_SIZE({limit}));
				return bytes;
			}
			if (!over()) return new Uint8Array();
			if (!incoming.complete) throw new IoError(GONE, GONE);
			return undefined;
		},
		get trailer() {
			return incoming.complete ? trailerText(incoming.rawTrailers) : undefined;
		},
	};
}

/** The body of a response, whose head goes with its first bytes. */
function outgoingOf(outgoing: ServerResponse, begin: () => boolean): Outgoing {
	const bell = new Bell();
	let watched = false;
	let bodied = true;

	function room(): number | undefined {
		if (outgoing.destroyed || outgoing.writableEnded) return undefined;
		return Math.max(0, WINDOW - outgoing.writableLength);
	}

	function watch(): void {
		if (watched) return;
		watched = true;
		outgoing
			.on('close', () => bell.ring())
			.on('drain', () => {
				outgoing.setTimeout(0);
				bell.ring();
			});
	}

	return {
		room,
		ready: () => room() !== 0,
		watch(wake) {
			watch();
			return bell.watch(wake);
		},
		write(bytes) {
			bodied = begin();
			if (bodied && !outgoing.write(Buffer.from(bytes))) outgoing.setTimeout(STALL);
		},
		end(trailer) {
			bodied = begin();
			end(outgoing, bodied ? trailer : undefined);
		},
	};
}

/** A call that is the exchange itself, for a cell which listens at the port of its container. */
export function directCall(
	incoming: IncomingMessage,
	outgoing: ServerResponse,
	request: RequestHead,
	{container, limit}: {readonly container: string; readonly limit: number},
): DirectCall {
	let answered: ResponseHead | undefined;
	let bodied: boolean | undefined;

	function begin(): boolean {
		if (answered && bodied === undefined) {
			try {
				({bodied} = writeHead(outgoing, answered, container));
			} catch (error) {
				bodied = false;
				fail(outgoing, error);
			}
		}
		return bodied ?? false;
	}

	return {
		request,
		head: () => JSON.stringify(request),
		reply: () => Promise.reject(new Error('a request is answered, and gets no answer')),
		answer(head) {
			answered = JSON.parse(head);
		},
		respond(head) {
			answered = head;
		},
		incoming: incomingOf(incoming, limit),
		outgoing: outgoingOf(outgoing, begin),
		get untouched() {
			return !answered && !incoming.readableDidRead;
		},
		cancel(reason) {
			if (!outgoing.writableEnded) fail(outgoing, reason);
		},
		onCancel(wake) {
			const gone = () => void (outgoing.writableEnded || wake(GONE));
			if (outgoing.destroyed) gone();
			outgoing.on('close', gone);
			return () => void outgoing.off('close', gone);
		},
	};
}
