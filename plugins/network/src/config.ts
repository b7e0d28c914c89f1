import {usual} from './http/server.ts';

const number = '(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const port = {type: 'integer', minimum: 0, maximum: 65_535} as const;
const place = {
	type: 'string',
	pattern: `^(?!\\d+:)(?:(?:\\[[0-9a-fA-F:.]+\\]|[^:\\[\\]\\s]+):)?${number}$`,
	description: 'a port, or an address with one, like 0.0.0.0:80',
} as const;
const count = {type: 'integer', minimum: 1} as const;

/** How this plugin is configured. */
export const config = {
	type: 'object',
	properties: {
		gateway: {
			anyOf: [port, place, {type: 'array', items: {anyOf: [port, place]}}],
			default: [],
			description: 'where the gateway listens; nowhere where nothing is said',
		},
		body: {...count, default: usual.body, description: 'the largest body of a request, in bytes'},
		requestTimeout: {...count, default: usual.requestTimeout, description: 'how long a whole request may take to come in, in milliseconds'},
		connections: {...count, default: usual.connections, description: 'how many there may be to one port'},
	},
	required: ['gateway', 'body', 'requestTimeout', 'connections'],
} as const;
