import {type TSchema, Type} from 'typebox';
import type {Engine} from './engine.ts';
import * as schemas from './schemas.ts';

/** Where one argument of a function travels: in the path, the query, as a field of the JSON body, as all of it, or as raw bytes. */
export interface Argument {
	readonly name: string;
	readonly in: 'path' | 'query' | 'field' | 'body' | 'bytes';
	readonly schema: TSchema;
}

/** One function of one contract, as HTTP has it. The arguments are in the function's own order. */
export interface Route {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** `/v1/containers/:id` */
	readonly path: string;
	readonly contract: Exclude<keyof Engine, 'close'>;
	readonly function: string;
	readonly arguments: readonly Argument[];
	readonly result?: TSchema;
	readonly summary: string;
}

type In<T> = {[K in keyof T]: T[K]};

/** Reads better than an object each: `route('GET /v1/x', 'containers', 'list', [], …)`. */
function route<C extends Route['contract']>(
	address: `${Route['method']} /v1/${string}`,
	contract: C,
	name: keyof In<Engine[C]> & string,
	args: readonly Argument[],
	summary: string,
	result?: TSchema,
): Route {
	const [method, path] = address.split(' ') as [Route['method'], string];
	return {method, path, contract, function: name, arguments: args, summary, ...(result ? {result} : {})};
}

const argument = (where: Argument['in']) => (name: string, schema: TSchema) => ({name, in: where, schema});
const path = argument('path');
const query = argument('query');
const field = argument('field');
const id = path('id', schemas.ContainerId);
const network = path('name', schemas.ContainerId);
const volume = path('name', schemas.VolumeName);
const optional = (schema: TSchema, value: unknown) => ({...schema, default: value});

/** Every function of the engine, once: the server listens by it, the client calls by it. */
export const routes: readonly Route[] = [
	route('GET /v1/containers', 'containers', 'list', [], 'All containers', Type.Array(schemas.Container)),
	route(
		'POST /v1/containers',
		'containers',
		'create',
		[{name: 'spec', in: 'body', schema: schemas.Spec}],
		'Make a container; nothing runs yet',
		schemas.Container,
	),
	route('GET /v1/containers/:id', 'containers', 'inspect', [id], 'One container', schemas.Container),
	route('POST /v1/containers/:id/start', 'containers', 'start', [id], 'Start it', schemas.Container),
	route(
		'POST /v1/containers/:id/stop',
		'containers',
		'stop',
		[id, field('grace', optional(schemas.Milliseconds, 10_000))],
		'Ask it to end, and end it after `grace` milliseconds',
		schemas.Container,
	),
	route('POST /v1/containers/:id/kill', 'containers', 'kill', [id], 'End it', schemas.Container),
	route(
		'POST /v1/containers/:id/wait',
		'containers',
		'wait',
		[id, field('timeout', optional(schemas.Milliseconds, 30_000))],
		'Answer once it has exited, or after `timeout` milliseconds as it is then',
		schemas.Container,
	),
	route(
		'DELETE /v1/containers/:id',
		'containers',
		'remove',
		[id, query('force', Type.Boolean({default: false}))],
		'Forget it; a running one only with `force`',
	),
	route(
		'GET /v1/containers/:id/logs',
		'containers',
		'logs',
		[id, query('cursor', schemas.Sequence), query('wait', optional(schemas.Milliseconds, 0))],
		'Output from `cursor` on; where there is none yet, wait up to `wait` milliseconds. With `Accept: application/x-ndjson`, a line for each piece, until it has exited',
		Type.Array(schemas.Output),
	),
	route(
		'POST /v1/containers/:id/input',
		'containers',
		'write',
		[id, {name: 'data', in: 'bytes', schema: schemas.Bytes}],
		'Write to its standard input; an empty body ends it',
	),
	route('GET /v1/containers/:id/stats', 'containers', 'stats', [id], 'What it has used since it was started, and uses', schemas.Usage),
	route(
		'GET /v1/isolations',
		'containers',
		'isolations',
		[],
		'What may stand between a container and this machine',
		Type.Array(schemas.Isolating),
	),
	route('GET /v1/volumes', 'volumes', 'list', [], 'All volumes', Type.Array(schemas.Volume)),
	route(
		'POST /v1/volumes',
		'volumes',
		'create',
		[field('name', schemas.VolumeName), field('quota', Type.Optional(schemas.Quota))],
		'Make a volume, or give one that is there another quota',
		schemas.Volume,
	),
	route('GET /v1/volumes/:name', 'volumes', 'inspect', [volume], 'One volume', schemas.Volume),
	route('DELETE /v1/volumes/:name', 'volumes', 'remove', [volume], 'Remove a volume and all that is in it'),
	route('GET /v1/plugins', 'plugins', 'list', [], 'The plugins, in the order in which they started', Type.Array(schemas.Plugin)),
	route(
		'POST /v1/plugins/:name/swap',
		'plugins',
		'swap',
		[path('name', schemas.PluginName), field('source', Type.Optional(schemas.PluginSource))],
		'Replace a running plugin, by another or by itself loaded anew',
	),
	route('GET /v1/listeners', 'listeners', 'list', [], 'Where containers listen', Type.Array(schemas.Listener)),
	route('GET /v1/gateway', 'listeners', 'gateway', [], 'Where the gateway listens, and its routes', schemas.Gateway),
	route('GET /v1/networks', 'networks', 'list', [], 'All networks', Type.Array(schemas.Network)),
	route(
		'POST /v1/networks',
		'networks',
		'create',
		[field('name', schemas.ContainerId), field('egress', schemas.Rules)],
		'Make a network, or give it other rules',
		schemas.Network,
	),
	route('GET /v1/networks/:name', 'networks', 'inspect', [network], 'One network', schemas.Network),
	route('DELETE /v1/networks/:name', 'networks', 'remove', [network], 'Remove a network that nobody is on'),
	route(
		'POST /v1/appraisals',
		'appraisal',
		'appraise',
		[{name: 'evidence', in: 'body', schema: schemas.Evidence}],
		'What is known about an artifact, claim by claim',
		schemas.Vector,
	),
	route('GET /v1/audit', 'audit', 'recent', [query('limit', schemas.Limit)], 'Decisions, newest first', Type.Array(schemas.Entry)),
];

/** What the daemon says of itself. */
export const infoPath = '/v1/info';

/** The arguments of a route that travel in one place, as one object schema. */
export function schemaOf({arguments: args}: Route, where: Argument['in']): TSchema | undefined {
	const found = args.filter(one => one.in === where);
	if (where === 'body' || where === 'bytes') return found[0]?.schema;
	if (found.length === 0) return undefined;
	return Type.Object(Object.fromEntries(found.map(({name, schema}) => [name, schema])), {additionalProperties: false});
}

/** The status of an answer by the kind of its error, and back. */
export const statuses = {invalid: 400, refused: 403, missing: 404, conflict: 409, limit: 429, failed: 500} as const;

export {Failure, Info, Output} from './schemas.ts';
