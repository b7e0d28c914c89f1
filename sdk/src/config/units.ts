import {isAbsolute, resolve} from 'node:path';
import type {RuntimeTypes} from '@forgeone/wasm';
import {errors} from '../errors.ts';

/** What a container may take where nobody says. */
export const DEFAULT_MEMORY = '128MiB';

const sizes: Readonly<Record<string, number>> = {
	'': 1,
	b: 1,
	k: 2 ** 10,
	kb: 1e3,
	kib: 2 ** 10,
	m: 2 ** 20,
	mb: 1e6,
	mib: 2 ** 20,
	g: 2 ** 30,
	gb: 1e9,
	gib: 2 ** 30,
};

const durations: Readonly<Record<string, number>> = {'': 1, ms: 1, s: 1e3, m: 6e4, h: 3.6e6};

function amount(text: string | number, units: Readonly<Record<string, number>>): number | undefined {
	const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(String(text).trim()) ?? [];
	const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
	const found = digits === undefined || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
	return Number.isSafeInteger(found) ? found : undefined;
}

/** Bytes: `67108864`, `64MiB`, `64M`, `1.5 GiB`, `64MB` (of 10^6). Throws FORGE_CONFIG_VALUE. */
export function parseSize(text: string | number): bigint {
	const found = amount(text, sizes);
	if (found === undefined) throw errors.FORGE_CONFIG_VALUE({value: text, what: 'size', example: '64MiB'});
	return BigInt(found);
}

/** Milliseconds: `500ms`, `1s`, `1.5m`, `2h`, `1000`. Throws FORGE_CONFIG_VALUE. */
export function parseDuration(text: string | number): bigint {
	const found = amount(text, durations);
	if (found === undefined) throw errors.FORGE_CONFIG_VALUE({value: text, what: 'duration', example: '500ms or 10s'});
	return BigInt(found);
}

/** `8080`, `0.0.0.0:8080`, `[::1]:8080`, `5353/udp`; the address is 127.0.0.1 where it says none, the protocol TCP. Throws FORGE_CONFIG_VALUE. */
export function parsePort(text: string | number): RuntimeTypes.Port {
	const [, bracketed, address, digits, protocol] =
		/^(?:(?:\[([0-9a-f:.]+)\]|([^:/[\]\s]+)):)?(\d{1,5})(?:\/(tcp|udp))?$/i.exec(String(text)) ?? [];
	const port = Number(digits);
	// `8080:80` is how other engines map ports; a bare number would be taken for an IPv4 address.
	if (digits === undefined || port > 65_535 || /^\d+$/.test(address ?? '')) {
		throw errors.FORGE_CONFIG_VALUE({value: text, what: 'port to publish', example: '8080, 0.0.0.0:8080 or 5353/udp'});
	}
	const udp = protocol?.toLowerCase() === 'udp';
	return {address: bracketed ?? address ?? '127.0.0.1', port, ...(udp ? {protocol: 'udp'} : {})};
}

/** `data:/data`, `./folder:/data:ro`: a name is a volume's, a path counts from `folder`. Throws FORGE_CONFIG_VALUE. */
export function parseMount(text: string, folder: string): RuntimeTypes.Mount {
	const [source = '', target = '', access = 'rw', ...rest] = text.split(':');
	if (source === '' || !target.startsWith('/') || !['ro', 'rw'].includes(access) || rest.length > 0) {
		throw errors.FORGE_CONFIG_VALUE({value: text, what: 'volume', example: 'data:/data or ./folder:/data:ro'});
	}
	const path = isAbsolute(source) || /^\.{1,2}(\/|$)/.test(source) || source.includes('/');
	return {source: path ? resolve(folder, source) : source, target, readOnly: access === 'ro'};
}
