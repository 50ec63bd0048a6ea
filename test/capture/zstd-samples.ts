/** What the zstd program (1.5.4) made of a text, so that a decoder is tested without it. */

/** Words in an order that repeats nowhere, but with few letters: Huffman codes, and sequences of all kinds. */
export function story(): string {
  const words = [
    'GETATTR',
    'LOOKUP',
    'READ',
    'WRITE',
    'fh:',
    'offset',
    'count',
    'Status',
    'NFS3_OK',
    'STALE',
    'zed',
    'quark',
  ];
  let seed = 7;
  const next = (limit: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 65536) % limit;
  };
  let text = '';
  for (let i = 0; i < 300; i++) text += `${words[next(12)]} ${words[next(12)]}${next(1000)} ${words[next(12)]}\n`;
  return text;
}

/** `zstd -3 --target-compressed-block-size=700`: several blocks, which use each other's tables; with a checksum. */
export const STORY_IN_BLOCKS = Buffer.from(
  [
    'KLUv/WQzGNQVAHIUOR9QT9IGpJsD0HZbHmOUbHBxotkD7yS5JVce1HfVwOoh1v/yiphXGsavk+ck1u2q0qHx+HeYVmk9ZCurc6slnvzdTJZKw9',
    'jp06xKaRi0g4V5zFjU2+p+LFPtjyWCp5x07GU6up/OylM2pOuJjq7QRX0skawyzp3TSmRHxg2VhiF7LJHzqzp9XE/b584uXz2T1pOnJTAUICAY',
    'MJSGSezmNQwAHAuMhoNAoSHpFaMAwcEWBA6SdCWX91gijIiKhwuK5JgWF5AHyELPKTgcAI7GQAKRuJiAYEAWC4aZSI4OAGgoJErDBIDpqBJN8k',
    'rKSdoOMgg0QCwkjHrgPhIAEpEUzaVzRUmhMQkAdM3y3sV4TBWsjoQlGFcoYx9JbAlYKy0Uc0QhEDEz0taBRcbgqC/ZZhYGRooLrHmr/MS1xsCR',
    'HXHRNTaPBQCBsC85axOUm4IjMXtdyaWZj8bTRUW7dzsFkAkd1XABsm658K2d7y/rfI+nfBHe2IzCWnYZ10r5sA5urr2MVjUoaXYxA+qoCqJOIC',
    'q5AfQl4COU2fiAJO3RYZbpkRy19+X1QY1c9AsEwrshii+Hnj/4K6x3a7MVXiGS8gLBEtI35tmyw/q70pBtukPkh7CTy5i4AP/NLEGptaNnz7+s',
    'cQaMLMoEeWK+RmgfUJ1uwB0BvQZm6FS1AidE23MUN9ix82CBPQCu1G+OXmwaU98Sk57Dl+WANIS5hhdSAawzgQmMwHCyGesH/uSMi/ilkFo8s5',
    'EA7nboyLjVjZx7AoqDPsH8/yFA9H5lmz6Kz+SsMaQwgrTbTX8Cupe1VGimZnQ+/ImnS9paQFRZYEPgzGoj7EscyngpMCjI3JXxxs8Qm6P2WrQs',
    'lDbl7wG3M8xFGw+jSeMUDt0FJkE7iwkSOcUCSbsefWHiUWwxxDDoIpsWcsfWjGkF3BUAg80ZL6UZ2+edZp/8EnvwuMh6dbK9DiVKwxza8apZWM',
    'vD9iCe71qUVDWfk55F5Z6ajw/1imomREIfkrN591giRrN80wqz/JN5tPE0j76s9rDwP1G9aOzZ9uxlj8zviTALDesyz1on+U4hZoEm/NI0C2nN',
    'YSBiu7wwOoIjkge2w5Ou/TjyxcxYCHO2xJOXNPCLhVTkTbf+dqKytGIujafw0OwWKZloidYIpdK1+vNBBiUDMJimKOg0zEZzv/PVH4lBXMwQXS',
    'jOro87yiQ6urlhmtVW7DsQSBSwAw6J5U1GUKvs7y2TJlMjpFioap21Fy20kmCyUPURNZ2Em12AUpgNjZRqYo0UTAE3ApSmTRfCmDUfaRj3T8e6',
    'qyjJdNsmnLGMQHCkEkhZJwLV/17O4YNU16oDwSr1dQ4eLBM4Mv6VvN9cTKLjli5xGvw6uIFMfVE6HybchK5Wkg1CnJZQAhpBpIF5BT4Sb9sscR',
    'iyAOIpz0SzxybW7mrHwQ3pJLWPL+Ez2sKi3fs1mEddm6uWjkU+/ibilr020SOggfHOM6thX4OMYEE/IlW6EfneuPxNXKDLKgOL7nGYn8OAYWX4',
    '8ftwdVlucCBeR/fw5jDrqvXwbDaI4TO9vZOAe0TrF+yGetBBDW5N/ZpinmEVFPwCIQ3Il+bvurbInluBo+SCVc5mMCQvmWqFHSu1barqXHUPEM',
    'wXiuRP3+YFDg38YE8vSbD3hM/rXuog7SxJMsfhK8NIcWg2VfwHF28qz9b9hyPj7v7us6dbdrWcUDujD6ghfEV3omhQNeqAWV+AL32AYUZCbFIM',
    'Itq3A57eM5L+a216i6UzHACd2xxuXd6+J0IvwcEToT/g4o5IpVgciQZmbZQ9nOY+MhoJiJs/4HrPRnvF2GNzJ8IrDb8SmTdCFxqaXJfD1uQ7fd',
    '9AQY49wYARZRAA00cPdKiS0nSjUs8n61MaBrFVPZ1qP3Ip8Uh018cSSXwskaNRGZ384vnOvvf/TbwjrNub2bmbiMgs8fLHs10rA4DU/C1DYJWD',
    '8PIKo0pHxiEW7dCI4HFEpzuweI29PAht6Xp3FUcD5fpcPMbIjKDdeOe6KU18soHhM2sQN9y20ru6t+bkuZHjh2SZDn9BeUNPFN274yJr/2yAsg',
    'e/GI9D6ZAfeA/dupRllNSoY4xYaG7o1lpvKJMSojY6vKAmjCBFEe8aYvUtL0Gu6eH+eiYn/FaroCanQE8C5e8oLEPBMWUnrKK+RwmGXcI30y0m',
    '5gmB5QnbglYXKLFNRxU8tp3yiABPshTSqG52ceW6woIvT6yApl2mXe3ukXVA9uuV+cBgF2Jwrlfe3PF8fYJTBM5+z0W1X/USHeO5qgnUBI5/Pl',
    '6hUq0N96Ut2OV2xu5SdOxl34UPxE9Ty5JHdAH4btFFuYcbMTThIudRvzAPFgu/1yF1LADKuhMaAZUkTYktTXKS/1jG7bwurlvN7Xptg9/pQSxX',
    '8Lh/wbihT7HZOgH2Q8YG8I8qu0acQ/9ufWQeEdjQDMauf56F3t4sAbQY/Hsh0Ht8WSAoMSPaiRQD6peIC7S8SrfXaI4TnXoqh2UU1djjTxJ8AZ',
    'A3yA+aY1MZ5PRiN7BjM4SriFyIem8qCPH8Doqs9bByDcxg7DcY11qjH2xj',
  ].join(''),
  'base64',
);

/** `zstd -19 --no-check`: one block. */
export const STORY_IN_ONE = Buffer.from(
  [
    'KLUv/WAzGPU1AAYqXx1AVdIBr1Kd8zsbUzsGGA1TllKSUko5K8Bx7CSNCHMATQBMAHXSaHMdlqcgxWoqkn6Q05HccpuqS+duW8zaqc2d1Dy5ac',
    'HhQEEBAZK0ZRtACIg0QAYiBgwPSdlADhQgqIEgIXEnMdsExQfkYiPCQyP5mcOjI6KjoYoxRCIBkYGCpAPDI0MC0kHBUVGRkfwqEDDAkABYVASl',
    '3100l5H6Kjk3ZqOqmlam7ly/2erO76e4FN90ina90pudyVRlWpoppyJf8e1UkqnUTTTzs3JzLtRjvTT235Tea5maLfQpje9dTxk6WlXKdZqby1',
    'VpaYd96SV7Oq3QjuimPFT+VbGzGpr1Wm16OK1SVC0ttKErau94pblsXepmRC4PnacvK2Rzfi/91e5X87Buu/nJed17LWssLC6P6GLZsFrOrWnv',
    '56PNkGcd/exZ0T4jz26KrkjfX2yWYo6Jddb0P7f01in76edN+Wx4ZtVCbhURnVl5SZL9+1nJvyIPX0i9V90BgpKookworCA1MmwHMhAEECQcFi',
    'RJ0g8iQDgOEzSOQWmpJOmFuzuGMv8Au4HKDLxsY0ahiBOCAW616LwxISZNeQkOicPo+E9nRIinpTN1IJAahFl6dfb8mqzxCPKQF8vZ/PVbyoxi',
    'e9ZOj2XI0g+xTiHwz0Xtcg5UdSQgaUxdhE2Z6DeH2joC1zEOEzV8pt+SnB1gYEUAuLpNqBvoBX/GKKLPxRTpXsKBMhHq9ovRHT4t8/0MQd12b6',
    '1HPyXVED24WgZOL+TMDPdwGYkhMcF0yqrfA63oaCn1BOHp5i/foIrTIECjuSj7dcoSBV7js5L/QzYqpboM4s7E90rFy5yFxlcu0Af84LXt+18E',
    'sCWoZSTfR2ssF8ZL38LL7Eesfg8JUZmuqdLS2N1GNVnxoUAuL6fUIycg1tu1VTcoUmNNKgG+Q5jgj7endgTFftHlJCKQ5vNn8zjQG+L7C6X3qn',
    'PZRJqSAUEzYHvhXIBf5Y4WSo55oSeVP8QUIw572yTxAUHA1nQkJTCXEzvm2WccqY2rP+pxfspZ5q0vWK6fZyGmRXTxoPG5QxzuadXVZ9N5Kzpe',
    'o1LlQdRNyhd2A0Ahi50TMQAGLq1jL6AyxT+Kb021+GgF88PhC1Z0ZNoQLxmyaMvZOocUMZCnWy2lYsA4JqoSbMi+0JG53OyjP5RBJ/V99QmZ1P',
    'rYPHlN4xCcdZIAacN4ocRcocNw19aTaYofy74afTPlVCMAY7IuZHXNPkMKpGhctXOvtmVEBLG8hxLhrUVKTYUvF39zS21A6DBu5vuSDkyA73H9',
    'hUdzwZqfKe0CVrHM7qbQ9aKAAifxt2vVgyCe2gfptdaqMyE+dppsBpMQcf8U3w9tftfVoIE7+1gsfRE8AN+DgU1J3AkH7qWS3re4SdQKDVB7Jm',
    'E+OmoF4hBh7qYdD7NNuEO41s7jjpoz0eOBphUlYBbswT6svyiBszJ8+R4PzOOs/C9bM4Ozvl0x7G8RodF4UHVukdQX8qzi9WJCkpGvdLbHb9Fw',
    'jukBE7kOeVK/PzsujI2Jud3RFmtOspg+a+h/IfsS9eolFamTQyRGAQBpgnUWGpMuBYrmBl6/AlQOmU4m9E5Gw18i4GNiSTRNGLkKgiR29viNjm',
    '7/BJHawNEIlXR5S29nDLLBuUXunRwFdA8YSQhkTCkGkeZJWGyg0biO5YfNXjCksLETLgkDpiFsoBHW0TOXCnt9CP6rQ5LJ4SimBIDc5zGI+UyS',
    'hM6bEMN3Rh5iwcA9cUs4UwaBZLmmiBG2E2NurkQwonWkPSvJGatHVCI+c6D8cOlar0riWkE2wF91thb99gWAE6TLkrbMqikwdzjBleP8du6AUA',
    'OnIBcxVW2JdTesl/ve8LIInMrSTQ123XINWqNXXksfVhGemX29WtfMGh6ZxsmpjIobfnrF9pGV2f58YN4h9SWMk647Kj9SLaskKwQhcVfaAQ/D',
    '64GFtoB9fNXGViwtVmANxQD5b11X2MoLXYcQ7LPNbOJHaaYl4mzYXz9HYTXCwy6soDo5vH5p37y8GTl7eclRTlHXHIjc8NBz2EKQZiGeJ1zVzW',
    'MvSzFy61SPzT+LAkN/GhmQwuGYR+jgMz4soJXPWQOpr8yeGgXpb4My1HcKtFHL4cnBJQNsWtvDQl5+xRouXCJKR4TUTgvfFpaWCwe0t84KovJ4',
    'guZ1n40gfTNgPkgYuNE4R8oqlHSweHxANEgmygoxaqQ5aGoSvAKImAZv2NgjEm/wCT83B3QD5jvXcdilaEQicVZawusUiEVRtKoK43YFfgixY7',
    'uStwI=',
  ].join(''),
  'base64',
);
