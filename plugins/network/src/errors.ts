import {errorTable} from '@forgeone/wasm';

/** Every error of this plugin: what kind it is, what it says, what to do. */
export const errors = errorTable({
	FORGE_EGRESS_INVALID: [
		'invalid',
		'egress rule "{rule}" {reason}',
		'write it as example.com:443, *.example.com:443, 192.0.2.1:80 or [2001:db8::1]:*',
	],
	FORGE_GATEWAY_MISSING: [
		'invalid',
		'container "{container}" has routes, but there is no gateway',
		'configure one for the network plugin, or publish a port',
	],
	FORGE_LISTEN_FAILED: ['failed', 'can not listen on {address}:{port}: {reason}', 'publish on another address or port'],
	FORGE_PORT_IN_USE: ['conflict', '"{address}:{port}" is in use', 'publish on another port, or end what listens there'],
	FORGE_PUBLISH_NOTHING: [
		'invalid',
		'container "{container}" is to be published, but its component neither exports wasi:http/incoming-handler nor imports wasi:sockets of the protocol',
		'publish a component that handles HTTP or listens by itself, or do not publish this one',
	],
	FORGE_MIDDLEWARE_INVALID: ['failed', 'a middleware gave what can not be sent: {reason}', 'report this to the author of the plugin'],
	FORGE_REQUEST_FIELDS: ['limit', 'the request has more than {limit} headers', 'send fewer'],
	FORGE_REQUEST_INVALID: ['invalid', 'the request {reason}', 'correct it'],
	FORGE_REQUEST_MOVED: ['conflict', 'this port is served elsewhere by now', 'ask again, over another connection'],
	FORGE_REQUEST_REFUSED: ['refused', 'the request is refused: {reason}', 'see the plugins that tap forgeone:network/middleware'],
	FORGE_REQUEST_SIZE: ['limit', 'the body of the request has more than {limit} bytes', 'send less'],
	FORGE_REQUEST_UPGRADE: ['invalid', 'a connection can not be upgraded to {protocol} here', 'speak HTTP'],
	FORGE_NETWORK_BUSY: ['conflict', 'container "{container}" is on the network "{network}"', 'stop it first'],
	FORGE_NETWORK_MISSING: ['missing', 'there is no network "{network}"', 'make it with forge network create'],
	FORGE_NETWORK_NAME: ['invalid', '"{network}" is no name for a network', 'use a-z, 0-9 and -, 63 characters at most'],
	FORGE_RESPONSE_INVALID: ['failed', 'container "{container}" gave a response that is none: {reason}', 'correct the component'],
	FORGE_ROUTE_INVALID: ['invalid', 'route "{route}" {reason}', 'write it as example.com/path, example.com or /path'],
	FORGE_ROUTE_MISSING: ['missing', 'nothing serves {path} at "{host}" here', 'see forge ps'],
	FORGE_ROUTE_TAKEN: ['conflict', 'the route "{route}" is that of container "{container}"', 'choose another one'],
});
