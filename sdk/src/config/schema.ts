import {type Static, Type} from 'typebox';

const closed = {additionalProperties: false} as const;
const Name = '^[a-z0-9][a-z0-9-]{0,62}$';
const Size = Type.Union([Type.Integer({minimum: 0}), Type.String()], {description: 'bytes, or a size like "64MiB"'});
const Volume = Type.Object({quota: Type.Optional(Size), inodes: Type.Optional(Type.Integer({minimum: 0}))}, closed);
const Duration = Type.Union([Type.Integer({minimum: 0}), Type.String()], {description: 'milliseconds, or a duration like "1s"'});
const Texts = Type.Array(Type.String());
const Rules = Type.Array(Type.String(), {description: 'host:port, *.host:port, host:*'});

const Plugin = Type.Union([
	Type.String({description: 'a package, a path, or a .wasm file'}),
	Type.Object(
		{
			use: Type.String(),
			config: Type.Optional(Type.Unknown()),
			isolation: Type.Optional(Type.Enum(['inline'])),
			limits: Type.Optional(
				Type.Object(
					{memory: Type.Optional(Size), fuel: Type.Optional(Type.Integer({minimum: 1, description: 'instructions, about, for each call'}))},
					{...closed, description: 'of a component'},
				),
			),
		},
		closed,
	),
]);

const Container = Type.Object(
	{
		image: Type.String({description: 'a WebAssembly component, from the folder of this file'}),
		digest: Type.Optional(Type.String({pattern: '^sha256:[0-9a-f]{64}$'})),
		arguments: Type.Optional(Texts),
		environment: Type.Optional(Type.Record(Type.String({pattern: '^[^=]{1,1024}$'}), Type.String())),
		config: Type.Optional(Type.Record(Type.String({pattern: '^.{1,1024}$'}), Type.String(), {description: 'what it reads by wasi:config'})),
		volumes: Type.Optional(Type.Array(Type.String(), {description: 'source:/target or source:/target:ro'})),
		publish: Type.Optional(Type.Array(Type.Union([Type.Integer(), Type.String()]), {description: '8080, address:8080 or 5353/udp'})),
		egress: Type.Optional(Rules),
		routes: Type.Optional(Type.Array(Type.String(), {description: 'host/path, host, or /path, which the gateway sends here'})),
		networks: Type.Optional(Texts),
		keyvalue: Type.Optional(Type.Array(Type.String(), {description: 'names of stores of keys and values'})),
		blobstore: Type.Optional(Type.Array(Type.String(), {description: 'names of stores of objects'})),
		limits: Type.Optional(
			Type.Object(
				{
					memory: Type.Optional(Size),
					timeout: Type.Optional(Duration),
					instances: Type.Optional(Type.Integer({minimum: 1, maximum: 1024, description: 'of a server, at one time'})),
				},
				closed,
			),
		),
		isolation: Type.Optional(Type.Enum(['inline', 'thread', 'process', 'sandbox'])),
		restart: Type.Optional(Type.Enum(['no', 'on-failure', 'always'])),
	},
	closed,
);

/** What `forge.config.*` may say. */
export const Config = Type.Object(
	{
		$schema: Type.Optional(Type.String()),
		mode: Type.Optional(Type.Enum(['development', 'production'])),
		plugins: Type.Optional(Type.Record(Type.String({pattern: Name}), Plugin)),
		containers: Type.Optional(Type.Record(Type.String({pattern: Name}), Container)),
		volumes: Type.Optional(Type.Record(Type.String({pattern: '^[a-z0-9][a-z0-9._-]{0,62}$'}), Volume)),
		networks: Type.Optional(Type.Record(Type.String({pattern: Name}), Type.Object({egress: Type.Optional(Rules)}, closed))),
	},
	{...closed, $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'forge.config'},
);

export type Config = Static<typeof Config>;
