import type {KernelCall} from '@forgeone/sdk';
import type {Dispatcher} from 'undici';
import {endToEnd, fit, trailerText} from '../http/heads.ts';
import {COUNT, isToken} from '../http/syntax.ts';
import type {Neighbour} from '../networks.ts';
import type {OpenCall} from '../passage.ts';
import {createSlots} from '../slots.ts';
import {type Answer, askAt, bodyOf} from './asking.ts';
import {createClients} from './clients.ts';
import {addressesAt, type Destination, destinationOf} from './destinations.ts';
import {Failure, reasonFor} from './failures.ts';
import type {Head, Party, Service} from './index.ts';
import type {Lookup} from './names.ts';
import {carryTo} from './neighbours.ts';

/** How many requests of a container may be under way. */
const OPEN = 256;

/** How long a connection may take, the head of a response, and each piece of its body, in milliseconds, where the guest does not say. */
const usual = {connect: 30_000, firstByte: 300_000, betweenBytes: 300_000};
const LONGEST = 3_600_000;

/** Fields that undici says itself, or can not say. */
const own = /^(host|expect|keep-alive|transfer-encoding|connection|upgrade)$/i;

/** The longest method, in characters. */
const METHOD = 64;

function waiting(head: Head, what: keyof typeof usual): number {
	const value = head[what];
	return typeof value === 'number' && value > 0 ? Math.min(value, LONGEST) : usual[what];
}

/** The headers of a request as they go out. */
function headersOf({headers}: Head): string[] {
	if (Array.isArray(headers) && headers.length > 2 * COUNT) throw new Failure('HTTP-request-header-section-size');
	if (!fit(headers)) throw new Failure('HTTP-protocol-error');
	return endToEnd(headers).filter((_, i, all) => !own.test(all[i - (i % 2)] as string));
}

function lineOf({method, path}: Head): {method: Dispatcher.HttpMethod; path: string} {
	const known = typeof method === 'string' && method.length <= METHOD && isToken(method);
	// Node sends methods in upper case.
	if (!known || method.toUpperCase() === 'CONNECT') throw new Failure('HTTP-request-method-invalid');
	if (typeof path !== 'string' || !/^(\/|\*$)/.test(path) || /[\s\p{Cc}#]/u.test(path)) throw new Failure('HTTP-request-URI-invalid');
	// Undici's type names the usual ones only.
	return {method: method as Dispatcher.HttpMethod, path};
}

/** The other containers on the virtual networks of one. */
export interface Neighbours {
	find(container: string, host: string): Neighbour | undefined;
	readonly open: OpenCall;
}

/** Does what `wasi:http/outgoing-handler` asks for, for one container: under its egress rules, following no redirect. */
export function createFetch(party: Party, lookup: Lookup, neighbours?: Neighbours): Service {
	const clients = createClients();
	const slots = createSlots(OPEN);

	/** Tries the addresses one after the other, as long as none could be connected to. */
	async function ask(to: Destination, head: Head, call: KernelCall, signal: AbortSignal): Promise<Answer> {
		const line = lineOf(head);
		const headers = headersOf(head);
		const addresses = await addressesAt(to, party, lookup);
		const patience = {
			connect: waiting(head, 'connect'),
			firstByte: waiting(head, 'firstByte'),
			betweenBytes: waiting(head, 'betweenBytes'),
		};
		const question = {...line, headers, body: await bodyOf(call), patience, signal};
		for (const [index, address] of addresses.entries()) {
			try {
				return await askAt(clients, to, address, question);
			} catch (error) {
				const refused = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(String((error as {code?: string}).code));
				if (!refused || index === addresses.length - 1) throw error;
			}
		}
		throw new Failure('destination-not-found');
	}

	async function answer(call: KernelCall, {status, headers, body, trailers}: Answer): Promise<void> {
		const raw = endToEnd(headers);
		if (raw.length > 2 * COUNT) throw new Failure('HTTP-response-header-section-size');
		await call.answer(JSON.stringify({status, headers: raw}));
		for await (const chunk of body) await call.write(chunk);
		await call.finish(trailerText(trailers()));
	}

	/** Across networks nobody is reached, nor is it told who is there. */
	async function callNeighbour(
		{open}: Neighbours,
		found: Neighbour,
		{host, secure}: Destination,
		head: Head,
		call: KernelCall,
	): Promise<void> {
		if ('missing' in found) {
			if (found.missing === 'name') throw new Failure('DNS-error', {rcode: 'NXDOMAIN'});
			party.refused(`http ${host}`, `--network ${found.network}`);
			throw new Failure('HTTP-request-denied');
		}
		if (secure) throw new Failure('TLS-protocol-error');
		const asked = {...lineOf(head), scheme: 'http', authority: host, headers: headersOf(head)};
		await carryTo(call, () => open(found.container, asked, {tag: 'container', val: party.container}));
	}

	async function callRemote(to: Destination, head: Head, call: KernelCall): Promise<void> {
		const gone = new AbortController();
		void Promise.resolve(call.cancelled()).then(reason => reason !== undefined && gone.abort());
		await answer(call, await ask(to, head, call, gone.signal));
	}

	async function fetch(call: KernelCall, head: Head): Promise<void> {
		const free = slots.take();
		try {
			if (!free) throw new Failure('connection-limit-reached');
			const to = destinationOf(head);
			const neighbour = neighbours?.find(party.container, to.host);
			if (neighbours && neighbour) await callNeighbour(neighbours, neighbour, to, head, call);
			else await callRemote(to, head, call);
		} catch (error) {
			await call.cancel(reasonFor(error));
		} finally {
			free?.();
		}
	}

	return {operations: {fetch}, close: clients.close};
}
