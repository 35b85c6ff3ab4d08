/** Where devices join. */
export const joinPath = '/array/join/';
