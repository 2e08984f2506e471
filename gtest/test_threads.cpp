// How many threads the next run gets, by what the last one took.
#include "lockstep/threads.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using lockstep::Crew;

constexpr double kWall = 0.01, kWaiting = 0.5 * kWall, kRunning = 0.99 * kWall;

std::vector<int> next(Crew& crew, int runs) {
  std::vector<int> threads;
  for (int k = 0; k < runs; ++k) threads.push_back(crew.next());
  return threads;
}

TEST(Crew, AllWorkWhereTheProcessorsAreFree) {
  Crew crew(4, false);
  crew.learn(kWall, kRunning);
  EXPECT_EQ(next(crew, 3), (std::vector<int>{4, 4, 4}));
}

TEST(Crew, OneWorksLongerEachTimeTheProcessorsAreBusy) {
  Crew crew(4, false);
  crew.learn(kWall, kWaiting);
  EXPECT_EQ(next(crew, 3), (std::vector<int>{1, 1, 4}));
  crew.learn(kWall, kWaiting);
  EXPECT_EQ(next(crew, 5), (std::vector<int>{1, 1, 1, 1, 4}));
  crew.learn(kWall, kRunning);
  EXPECT_EQ(crew.next(), 4);
  crew.learn(kWall, kWaiting);
  EXPECT_EQ(next(crew, 3), (std::vector<int>{1, 1, 4})) << "and anew once they were free";
}

TEST(Crew, ThePatienceOfOneHasAnEnd) {
  Crew crew(2, false);
  for (int k = 0; k < 20; ++k) crew.learn(kWall, kWaiting);
  int alone = 0;
  while (crew.next() == 1) ++alone;
  EXPECT_EQ(alone, 256);
}

TEST(Crew, RunsGiveWhatTheirBodyGives) {
  for (const bool sleeping : {false, true}) {
    Crew crew(3, sleeping);
    EXPECT_EQ(crew.most(), 3);
    for (int k = 0; k < 200; ++k) EXPECT_EQ(crew.run([&](int threads) { return 10 * k + threads; }) / 10, k);
  }
}

TEST(Crew, ThreadsThatSleepWhileTheyWaitAlwaysWork) {
  Crew crew(2, true);
  for (int k = 0; k < 100; ++k) EXPECT_EQ(crew.run([](int threads) { return threads; }), 2);
}

}  // namespace
