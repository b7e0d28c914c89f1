/** Tests are TypeScript that Node runs as it is. */
export default {extensions: ['ts'], timeout: '2m'};
