import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';

export const imageCacheRules: readonly Rule[] = [
  rule({
    name: 'cacheImage says that an image is cached, and of one that is there that it exists',
    needs: ['imageCache'],
    async prove(bench) {
      const { image } = bench.instance();
      assert.equal(await bench.driver.cacheImage({ image }), 'cached');
      assert.equal(await bench.driver.cacheImage({ image }), 'existing');
    },
  }),

  rule({
    name: 'manageImageCache removes what nobody needs and is old enough',
    needs: ['imageCache'],
    troubles: ['ageImages'],
    async prove(bench) {
      const { image } = bench.instance();
      await bench.driver.cacheImage({ image });
      await bench.ageImages();
      await bench.driver.manageImageCache({ imageIdsInUse: [] });
      assert.equal(await bench.driver.cacheImage({ image }), 'cached', 'The image is there still.');
    },
  }),

  rule({
    name: 'manageImageCache keeps what somebody needs, however old it is',
    needs: ['imageCache'],
    troubles: ['ageImages'],
    async prove(bench) {
      const { image } = bench.instance();
      await bench.driver.cacheImage({ image });
      await bench.ageImages();
      await bench.driver.manageImageCache({ imageIdsInUse: [image.id] });
      assert.equal(await bench.driver.cacheImage({ image }), 'existing', 'The image is gone.');
    },
  }),

  rule({
    name: 'manageImageCache keeps what is not old enough',
    needs: ['imageCache'],
    async prove(bench) {
      const { image } = bench.instance();
      await bench.driver.cacheImage({ image });
      await bench.driver.manageImageCache({ imageIdsInUse: [] });
      assert.equal(await bench.driver.cacheImage({ image }), 'existing', 'The image is gone.');
    },
  }),
];
