import {errorTable} from '@forgeone/core';

/** Every error of the API itself; those of the engine pass through as they are. */
export const errors = errorTable({
	FORGE_API_FAILED: ['failed', 'the daemon failed: {reason}', 'see its log'],
	FORGE_API_HOST: ['refused', 'requests for host "{host}" are not answered here', 'speak to the socket as localhost, and from no browser'],
	FORGE_API_LARGE: ['limit', 'the request is larger than {limit} bytes', 'send less at once'],
	FORGE_API_MEDIA: ['invalid', 'content of type "{type}" is not taken here', 'send application/json, or application/octet-stream as input'],
	FORGE_API_RATE: ['limit', 'there were more than {rate} requests in a second', 'ask again after the seconds that "retry-after" names'],
	FORGE_API_REQUEST: ['invalid', '{where}: {reason}', 'see the schema of the request in /v1/openapi.json'],
	FORGE_API_ROUTE: ['missing', 'there is no {method} "{path}"', 'see /v1/openapi.json'],
	FORGE_API_SOCKET: ['conflict', 'can not listen at "{socket}": {reason}', 'move what is there away, or set FORGE_HOME'],
	FORGE_API_WATCHERS: ['limit', 'there are {limit} watchers already', 'close one'],
});
