"""Lockstep turns PyTorch models into self-contained C++17 and proves that both compute the same."""
