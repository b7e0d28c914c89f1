import type {Server} from 'node:http';
import {isIP} from 'node:net';
import type {Listeners, RuntimeTypes} from '@forgeone/wasm';
import {canonicalHost, hostPort} from './egress.ts';
import {errors} from './errors.ts';
import type {Answer} from './http/server.ts';
import {claim, listen, shut} from './ports.ts';

type Route = Listeners.Route;

/** One listener, or several, for many containers: what comes is sent to the one whose route fits best. */
export interface Gateway {
	/** Listens; `beside` another generation of this plugin, which may listen there still. Throws FORGE_PORT_IN_USE, FORGE_LISTEN_FAILED. */
	open(beside: boolean): Promise<void>;
	/** Takes all of these routes for a container or, where one fails, none. Throws FORGE_ROUTE_INVALID, FORGE_ROUTE_TAKEN, FORGE_GATEWAY_MISSING. */
	add(container: string, routes: readonly string[]): void;
	remove(container: string): void;
	/** The container that a request is for. Throws FORGE_ROUTE_MISSING. */
	find(authority: string, path: string): string;
	state(): Listeners.Ingress;
	close(): Promise<void>;
}

/** The parts of `host/path`, in one form. Throws FORGE_ROUTE_INVALID. */
function parseRoute(route: string): {readonly host?: string; readonly path: string} {
	const slash = route.indexOf('/');
	const [written, path] = slash < 0 ? [route, '/'] : [route.slice(0, slash), route.slice(slash)];
	const invalid = (reason: string) => errors.FORGE_ROUTE_INVALID({route, reason});
	if (route === '') throw invalid('is empty');
	if (/[\s\p{Cc}?#]/u.test(path) || /\/\.{0,2}\//.test(path)) throw invalid('has a path that is none');
	const whole = path.length > 1 ? path.replace(/\/$/, '') : path;
	if (written === '' || written === '*') return {path: whole};
	const wild = written.startsWith('*.');
	const host = canonicalHost(wild ? written.slice(2) : written);
	if (host === undefined) throw invalid('has a host that is neither a name, nor *.name, nor an address');
	if (wild && isIP(host)) throw invalid('has a * before an address');
	return {host: wild ? `*.${host}` : host, path: whole};
}

/** How well a route's host fits: exactly, by its end, or as any. */
function fit({host}: Route, wanted: string | undefined): number {
	if (host === undefined) return 1;
	if (host === wanted) return Number.MAX_SAFE_INTEGER;
	return host.startsWith('*.') && wanted?.endsWith(host.slice(1)) ? host.length : 0;
}

const below = ({path}: Route, wanted: string): boolean => path === '/' || wanted === path || wanted.startsWith(`${path}/`);

/** How many authorities are remembered, and up to which length. */
const KNOWN = 1024;
const LONGEST = 255;

/** Finds the host in an authority, for which it reads most of them once. */
function createHosts(): (authority: string) => string | undefined {
	const known = new Map<string, string | undefined>();
	return authority => {
		if (known.has(authority)) return known.get(authority);
		const host = canonicalHost(URL.parse(`http://${authority}/`)?.hostname ?? '');
		if (known.size === KNOWN) known.clear();
		if (authority.length <= LONGEST) known.set(authority, host);
		return host;
	};
}

/** Makes a gateway that has no route yet. */
export function createGateway(places: readonly RuntimeTypes.Port[], serve: (answer: Answer) => Server, answer: Answer): Gateway {
	/** By container, those whose host and path say most in front. */
	let routes: Route[] = [];
	let servers: {server: Server; at: RuntimeTypes.Port}[] = [];
	const hostOf = createHosts();

	return {
		async open(beside) {
			for (const place of places) {
				if (!beside) await claim(place, () => serve(answer));
				const server = serve(answer);
				servers.push({server, at: await listen(server, place, true)});
			}
		},
		add(container, written) {
			if (written.length > 0 && places.length === 0) throw errors.FORGE_GATEWAY_MISSING({container});
			const made = written.map((route): Route => ({container, ...parseRoute(route)}));
			for (const [index, {host, path}] of made.entries()) {
				const other = [...routes, ...made.slice(0, index)].find(route => route.host === host && route.path === path);
				if (other) throw errors.FORGE_ROUTE_TAKEN({route: `${host ?? ''}${path}`, container: other.container});
			}
			routes = [...routes, ...made].toSorted((one, two) => two.path.length - one.path.length);
		},
		remove(container) {
			routes = routes.filter(route => route.container !== container);
		},
		find(authority, target) {
			const host = hostOf(authority);
			const end = target.search(/[?#]/);
			const path = end < 0 ? target : target.slice(0, end);
			let [best, found]: [number, Route | undefined] = [0, undefined];
			// A longer path wins only among hosts that fit equally well.
			for (const route of routes) {
				const fits = fit(route, host);
				if (fits > best && below(route, path)) [best, found] = [fits, route];
			}
			if (!found) throw errors.FORGE_ROUTE_MISSING({host: host ?? authority, path});
			return found.container;
		},
		state: () => ({addresses: servers.map(({at}) => hostPort(at.address, at.port)), routes}),
		async close() {
			const all = servers;
			servers = [];
			await Promise.all(all.map(({server}) => shut(server)));
		},
	};
}
