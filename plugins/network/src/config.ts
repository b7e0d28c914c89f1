import type {RuntimeTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';
import {type ServerLimits, usual} from './http/server.ts';

/** How this plugin is configured. */
export interface Config {
	/** Where the gateway listens; nowhere where nothing is said. */
	readonly gateway: readonly RuntimeTypes.Port[];
	/** What holds for requests, at every listener. */
	readonly limits: ServerLimits;
}

const keys: readonly string[] = ['gateway', 'body', 'requestTimeout', 'connections'];

function portOf(value: unknown): RuntimeTypes.Port {
	const [, address = '127.0.0.1', digits = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(String(value)) ?? [];
	const port = Number(digits);
	if (digits === '' || port > 65_535)
		throw errors.FORGE_NETWORK_CONFIG({reason: `its "gateway" has ${JSON.stringify(value)}, which is no port`});
	return {address: address.replace(/^\[(.*)\]$/, '$1'), port};
}

/** Checks the configuration: `{gateway: [8080, '0.0.0.0:80'], body: bytes, requestTimeout: milliseconds, connections}`. Throws FORGE_NETWORK_CONFIG. */
export function checkConfig(value: unknown = {}): Config {
	const wrong = (reason: string) => errors.FORGE_NETWORK_CONFIG({reason});
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is not an object');
	const unknown = Object.keys(value).find(key => !keys.includes(key));
	if (unknown !== undefined) throw wrong(`it has no key "${unknown}"; it has ${keys.join(', ')}`);
	const given: Readonly<Record<string, unknown>> = {...usual, ...value};
	const count = (key: keyof ServerLimits): number => {
		const found = given[key];
		if (Number.isSafeInteger(found) && (found as number) > 0) return found as number;
		throw wrong(`its "${key}" is not a number above 0`);
	};
	const gateway = [given.gateway ?? []].flat().map(portOf);
	return {gateway, limits: {body: count('body'), requestTimeout: count('requestTimeout'), connections: count('connections')}};
}
